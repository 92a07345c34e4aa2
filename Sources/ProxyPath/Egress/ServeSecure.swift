internal import Glibc
internal import Kernel
internal import Reactor
internal import TransportSecurity

extension SecureStores {
  /// The socket of a connection reported.
  func take(_ readiness: Readiness, _ slot: Slot, now_ns: UInt64) {
    guard let connection = connections.pointer(slot) else { return }
    connection.pointee.side.note(readiness)
    switch connection.pointee.phase {
    case .connecting: connect(connection, slot, now_ns: now_ns)
    case .shaking: shake(connection, slot)
    case .open: serve(connection, slot, readiness)
    case .failed: break
    }
  }

  /// The TCP handshake ended, one way or the other: that of TLS begins.
  private func connect(_ connection: UnsafeMutablePointer<SecureConnection>, _ slot: Slot, now_ns: UInt64) {
    if connection.pointee.side.isBroken || connection.pointee.side.mayHoldMore {
      let code = connection.pointee.side.takeError()
      if code != 0 { return fail(connection, slot, code: code) }
    }
    guard connection.pointee.side.isWritable else { return }
    NearLeg.adapt(connection.pointee.side, seen_ns: now_ns &- connection.pointee.opened_ns)
    connection.pointee.phase = .shaking
    if shake(UnsafeRawBufferPointer(start: nil, count: 0), connection, slot) { shake(connection, slot) }
  }

  /// Goes on with the handshake by what came.
  private func shake(_ connection: UnsafeMutablePointer<SecureConnection>, _ slot: Slot) {
    if case .failed(let code) = connection.pointee.backlog.flush(to: &connection.pointee.side, &pool) {
      return fail(connection, slot, code: code)
    }
    while connection.pointee.phase == .shaking {
      switch read(connection) {
      case .bytes(let count):
        guard shake(UnsafeRawBufferPointer(rebasing: memory.sealed[..<count]), connection, slot) else { return }
      case .wouldBlock: return
      case .endOfStream: return fail(connection, slot, code: ECONNRESET)
      case .failed(let code): return fail(connection, slot, code: code)
      }
    }
  }

  /// One step; false where it was the last.
  private func shake(
    _ bytes: UnsafeRawBufferPointer,
    _ connection: UnsafeMutablePointer<SecureConnection>,
    _ slot: Slot
  ) -> Bool {
    var input = bytes
    let now_s = Int64(Clock.realtime_us() / 1_000_000)
    let step = connection.pointee.tls.shake(&input, into: memory.cipher, now_s: now_s)
    sendSealed(connection)
    switch step {
    case .waiting: return true
    case .failed(let fault):
      refuse(connection, slot, fault)
      return false
    case .established:
      guard agreesToHTTP2(connection, slot) else { return false }
      connection.pointee.phase = .open
      connection.pointee.held.append(input, &pool)
      // It stands once it can be written to, so it must be writable now, though a part of the handshake is on its way yet.
      tell(connection, slot, standing(connection).union(.writable))
      return false
    }
  }

  /// Whether the server has chosen what is to be spoken, where that is HTTP/2.
  private func agreesToHTTP2(_ connection: UnsafeMutablePointer<SecureConnection>, _ slot: Slot) -> Bool {
    let agreed = connection.pointee.tls.agreedProtocol
    switch connection.pointee.inside {
    case .requests, .opaque: return true
    case _ where agreed == ServerContext.Inside.http2Name: return true
    case .http2:
      note(.otherProtocol(agreed), connection.pointee.server, connection.pointee.name)
      fail(connection, slot, code: SecureError.otherProtocol)
    case .either: fail(connection, slot, code: SecureError.choseHTTP1)
    }
    return false
  }

  private func serve(
    _ connection: UnsafeMutablePointer<SecureConnection>,
    _ slot: Slot,
    _ readiness: Readiness
  ) {
    var news = readiness
    switch connection.pointee.backlog.flush(to: &connection.pointee.side, &pool) {
    case .sent: if connection.pointee.hasSentEnd { connection.pointee.side.finishWriting() }
    case .waiting: news.subtract(.writable)
    case .failed: news.formUnion(.error)
    }
    guard connection.pointee.owner == nil else {
      if connection.pointee.side.isBroken {
        connection.pointee.failure = connection.pointee.side.takeError()
        if connection.pointee.failure != 0 { connection.pointee.phase = .failed }
      }
      return tell(connection, slot, news)
    }
    // Whoever had it has gone, and only what it said last is waited for.
    if connection.pointee.backlog.isEmpty || connection.pointee.side.isBroken {
      leaving.removeAll { $0 == slot }
      remove(slot)
    }
  }

  /// Ends connections that are only still here for servers that do not read; once a tick.
  func expireLeaving() {
    guard !leaving.isEmpty else { return }
    var index = 0
    while index < leaving.count {
      let slot = leaving[index]
      guard let connection = connections.pointer(slot) else {
        leaving.remove(at: index)
        continue
      }
      connection.pointee.leavingTicks += 1
      if connection.pointee.leavingTicks > SecureLimit.leavingTicks {
        connection.pointee.side.resetOnClose()
        remove(slot)
        leaving.remove(at: index)
      } else {
        index += 1
      }
    }
  }
}

extension Worker {
  /// Tells owners what there is to tell, and the recorder what failed.
  func serveSecureNews() {
    let count = secure.newsworthy.count
    for index in 0..<count {
      let slot = secure.newsworthy[index]
      guard let connection = secure.connections.pointer(slot) else { continue }
      let readiness = connection.pointee.news
      connection.pointee.isListed = false
      connection.pointee.news = Readiness(rawValue: 0)
      if let owner = connection.pointee.owner { dispatch(owner, readiness) }
      if http.batch.isFull { sendBatch() }
    }
    secure.newsworthy.removeFirst(count)
    for note in secure.notes { outbox.post(note) }
    secure.notes.removeAll(keepingCapacity: true)
  }

  /// Takes other files into use. What was made of the older ones and serves nobody goes.
  func adopt(_ material: TLSMaterial) {
    let changed = secure.adopt(material)
    guard !changed.isEmpty else { return }
    for index in 0..<http.upstreams.extent {
      guard let slot = http.upstreams.tenant(index), let upstream = http.upstreams.pointer(slot),
        upstream.pointee.phase == .idle,
        let settings = http.targets.settings(of: http.targets[upstream.pointee.target].way), changed.contains(settings)
      else { continue }
      closeUpstream(slot, code: 0)
    }
    secure.choices.forget { way in http.targets.settings(of: way).map { changed.contains($0) } ?? false }
    leaveServers(changed)
  }
}
