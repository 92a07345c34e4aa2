internal import HTTP2
internal import Kernel
internal import Policy
internal import Reactor
internal import TransportSecurity

extension Worker {
  /// A connection to or from another proxy reported.
  func servePeer(_ slot: Slot, _ readiness: Readiness) {
    guard let connection = peers.connections.pointer(slot) else { return }
    connection.pointee.side.note(readiness)
    if connection.pointee.phase == .connecting, !finishDialling(connection, slot) { return }
    if !connection.pointee.backlog.isEmpty, !resumeSending(connection, slot) { return }
    readPeer(connection, slot)
  }

  /// The TCP handshake ended, one way or the other: that of TLS begins.
  private func finishDialling(_ connection: UnsafeMutablePointer<PeerConnection>, _ slot: Slot) -> Bool {
    if connection.pointee.side.isBroken {
      let code = connection.pointee.side.takeError()
      if code == SecureError.choseHTTP1, let key = connection.pointee.key { secure.choices.note(key, tick: tick) }
      endPeer(slot, .unreachable(code))
      return false
    }
    guard connection.pointee.side.isWritable else { return false }
    NearLeg.adapt(connection.pointee.side, seen_ns: now_ns &- connection.pointee.opened_ns)
    guard connection.pointee.tls != nil else {
      open(connection, slot)
      return true
    }
    connection.pointee.phase = .shaking
    return feed(UnsafeRawBufferPointer(start: nil, count: 0), connection, slot)
  }

  /// The socket takes more again: first what waits, then the streams that were kept waiting for it.
  private func resumeSending(_ connection: UnsafeMutablePointer<PeerConnection>, _ slot: Slot) -> Bool {
    switch connection.pointee.backlog.flush(to: &connection.pointee.side, &peers.pool) {
    case .waiting: break
    case .failed(let code):
      endPeer(slot, .broken(code))
      return false
    case .sent:
      peers.wakeStreams(connection)
      peers.mustSend(connection, slot)
    }
    return true
  }

  private func readPeer(_ connection: UnsafeMutablePointer<PeerConnection>, _ slot: Slot) {
    for _ in 0..<PeerLimit.stepsPerTurn {
      guard connection.pointee.side.isReadable else { return }
      switch connection.pointee.side.receive(into: peers.sealed) {
      case .bytes(let count):
        if count < peers.sealed.count, !connection.pointee.side.mayHoldMore {
          connection.pointee.side.isReadable = false
        }
        connection.pointee.lastActive = tick
        let read = UnsafeRawBufferPointer(rebasing: peers.sealed[..<count])
        if connection.pointee.tls == nil {
          takePlain(read, connection, slot)
        } else if !takeSealed(read, connection, slot) {
          return
        }
      case .wouldBlock:
        connection.pointee.side.isReadable = false
        // A part of a record came.
        if connection.pointee.side.isStream { noteUnfinished(connection, slot) }
      case .endOfStream: return endPeer(slot, .closed)
      case .failed(let code): return endPeer(slot, .broken(code))
      }
    }
    peers.unfinished.append(slot)
  }

  /// Takes sealed bytes that came; false where they ended the connection.
  private func takeSealed(
    _ bytes: UnsafeRawBufferPointer,
    _ connection: UnsafeMutablePointer<PeerConnection>,
    _ slot: Slot
  ) -> Bool {
    guard feed(bytes, connection, slot) else { return false }
    // The handshake has its own time.
    guard connection.pointee.phase != .shaking else { return true }
    hearGreeting(connection)
    noteUnfinished(connection, slot)
    return true
  }

  /// Goes on with a session of TLS; false where it ended the connection.
  private func feed(
    _ bytes: UnsafeRawBufferPointer,
    _ connection: UnsafeMutablePointer<PeerConnection>,
    _ slot: Slot
  ) -> Bool {
    var input = bytes
    if connection.pointee.phase == .shaking {
      let now_s = Int64(Clock.realtime_us() / 1_000_000)
      let step = connection.pointee.tls?.shake(&input, into: peers.cipher, now_s: now_s) ?? .waiting
      _ = peers.sendSealed(connection, slot)
      switch step {
      case .waiting: return true
      case .failed(let fault):
        endPeer(slot, .notAdmitted(fault))
        return false
      case .established:
        open(connection, slot)
        guard peers.connections.contains(slot) else { return false }
      }
    }
    while true {
      switch connection.pointee.tls?.open(&input, into: peers.plain, answers: peers.cipher) ?? .waiting {
      case .bytes(let count):
        guard sayAnswers(connection, slot) else { return false }
        let opened = UnsafeRawBufferPointer(rebasing: peers.plain[..<count])
        peers.take(opened, connection, slot, now_ms: now_ns / 1_000_000)
      case .waiting:
        guard sayAnswers(connection, slot) else { return false }
        peers.mustSend(connection, slot)
        return true
      case .finished:
        sayLast(connection, slot)
        endPeer(slot, .closed)
        return false
      case .failed(let fault):
        let isFlood = peers.cipher.count == CipherBuffer.capacity
        sayLast(connection, slot)
        endPeer(slot, isFlood ? .refused(.unreadAcknowledgements) : .notAdmitted(fault))
        return false
      }
    }
  }

  /// What TLS itself answers goes before others seal into the same memory. False where the peer reads nothing of it, which ends
  /// the connection.
  private func sayAnswers(_ connection: UnsafeMutablePointer<PeerConnection>, _ slot: Slot) -> Bool {
    guard peers.cipher.count > 0 else { return true }
    guard connection.pointee.backlog.count <= PeerLimit.unreadAnswerBytes else {
      peers.cipher.clear()
      endPeer(slot, .refused(.unreadAcknowledgements))
      return false
    }
    _ = peers.sendSealed(connection, slot)
    return true
  }

  /// What TLS itself has to say at an end, such as which record it could not open, goes to whom it is for: the worker's other
  /// connections seal into the same memory.
  private func sayLast(_ connection: UnsafeMutablePointer<PeerConnection>, _ slot: Slot) {
    if peers.cipher.count > 0 { _ = peers.sendSealed(connection, slot) }
  }

  /// Tells the streams' owners what there is to tell, and takes up the requests that peers have begun.
  func servePeersNews() {
    if !peers.unfinished.isEmpty { servePeersUnfinished() }
    for _ in 0..<PeerLimit.roundsPerTurn {
      guard !peers.arrivals.isEmpty || !peers.newsworthy.isEmpty else { return }
      let (arrivals, news) = (peers.arrivals.count, peers.newsworthy.count)
      for index in 0..<arrivals { startPeerRequest(peers.arrivals[index]) }
      peers.arrivals.removeFirst(arrivals)
      for index in 0..<news {
        let slot = peers.newsworthy[index]
        guard let stream = peers.streams.pointer(slot) else { continue }
        let readiness = stream.pointee.news
        stream.pointee.isListed = false
        stream.pointee.news = Readiness(rawValue: 0)
        if let owner = stream.pointee.owner { dispatch(owner, readiness) }
      }
      peers.newsworthy.removeFirst(news)
      if http.batch.isFull { sendBatch() }
    }
  }

  private func servePeersUnfinished() {
    let count = peers.unfinished.count
    for index in 0..<count {
      let slot = peers.unfinished[index]
      if let connection = peers.connections.pointer(slot) { readPeer(connection, slot) }
    }
    peers.unfinished.removeFirst(count)
  }

  /// Sends what the turn has brought, for each connection in as few records and calls as it fits in.
  func flushPeers() {
    let count = peers.outgoing.count
    for index in 0..<count {
      let slot = peers.outgoing[index]
      guard let connection = peers.connections.pointer(slot) else { continue }
      connection.pointee.isListed = false
      peers.flush(connection, slot)
      if connection.pointee.phase == .leaving, connection.pointee.streamCount == 0 {
        endPeer(slot, .idle)
      } else if connection.pointee.phase == .open || connection.pointee.phase == .greeting,
        !connection.pointee.session.wantsInput
      {
        // The session is over, and said why; its streams will hear no more of it.
        endPeer(slot, .refused(connection.pointee.session.refusal))
      }
    }
    peers.outgoing.removeFirst(count)
    while let slot = peers.broken.popLast() { endPeer(slot, .broken(DialError.reset)) }
  }
}
