internal import Glibc
internal import Kernel
internal import Reactor
internal import TransportSecurity

/// What the path does with TLS to a server, as with a socket.
extension SecureStores {
  /// Fewer bytes than there is room for mean that all that came was read, as with a socket.
  func receive(_ slot: Slot, into buffer: UnsafeMutableRawBufferPointer) -> ReadOutcome {
    guard let connection = connections.pointer(slot) else { return .endOfStream }
    guard connection.pointee.phase == .open else {
      return connection.pointee.phase == .failed ? .failed(connection.pointee.failure) : .wouldBlock
    }
    if connection.pointee.hasFinished { return .endOfStream }
    var filled = 0
    let end = open(connection, slot, into: buffer, &filled)
    guard filled > 0 else { return end }
    switch end {
    case .bytes, .wouldBlock: break
    // What came before its end goes first; that there is more is said by an event, as of a socket.
    case .endOfStream, .failed: tell(connection, slot, [.readable, .peerFinished])
    }
    return .bytes(filled)
  }

  /// Opens what is held and what the socket has, until there is no more or the room is full.
  private func open(
    _ connection: UnsafeMutablePointer<SecureConnection>,
    _ slot: Slot,
    into room: UnsafeMutableRawBufferPointer,
    _ filled: inout Int
  ) -> ReadOutcome {
    var held = connection.pointee.held.take()
    defer { held.release(to: &pool) }
    var input = held.bytes
    var reads = 0
    while filled < room.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: room[filled...])
      let step = connection.pointee.tls.open(&input, into: rest, answers: memory.cipher)
      // Answers that fill all the room for them are no others than these.
      let isFlood = memory.cipher.count == CipherBuffer.capacity
      if memory.cipher.count > 0 {
        sendSealed(connection)
        guard !isFlood, connection.pointee.backlog.count <= SecureLimit.unreadAnswerBytes else {
          refuse(connection, slot, .keyUpdateFlood)
          return .failed(connection.pointee.failure)
        }
      }
      switch step {
      case .bytes(let count):
        filled += count
        continue
      case .finished:
        connection.pointee.hasFinished = true
        return .endOfStream
      case .failed(let fault):
        refuse(connection, slot, fault)
        return .failed(connection.pointee.failure)
      case .waiting: break
      }
      guard reads < SecureLimit.readsPerTurn else {
        tell(connection, slot, [.readable])
        return .wouldBlock
      }
      reads += 1
      switch read(connection) {
      case .bytes(let count): input = UnsafeRawBufferPointer(rebasing: memory.sealed[..<count])
      case .wouldBlock: return .wouldBlock
      // An end that TLS does not know of may be anybody's doing (RFC 8446 section 6.1).
      case .endOfStream:
        fail(connection, slot, code: ECONNRESET)
        return .failed(ECONNRESET)
      case .failed(let code):
        fail(connection, slot, code: code)
        return .failed(code)
      }
    }
    connection.pointee.held.append(input, &pool)
    return .bytes(filled)
  }

  /// Reads sealed bytes.
  func read(_ connection: UnsafeMutablePointer<SecureConnection>) -> ReadOutcome {
    guard connection.pointee.side.isReadable else { return .wouldBlock }
    let sealed = memory.sealed
    let outcome = connection.pointee.side.receive(into: sealed)
    switch outcome {
    case .bytes(let count) where count == sealed.count || connection.pointee.side.mayHoldMore: break
    case .bytes, .wouldBlock, .endOfStream, .failed: connection.pointee.side.isReadable = false
    }
    return outcome
  }

  func transmit(_ slot: Slot, _ bytes: UnsafeRawBufferPointer) -> WriteOutcome {
    guard let connection = connections.pointer(slot), !connection.pointee.hasSentEnd else { return .failed(EPIPE) }
    guard connection.pointee.phase == .open else {
      return connection.pointee.phase == .failed ? .failed(connection.pointee.failure) : .wouldBlock
    }
    switch connection.pointee.backlog.flush(to: &connection.pointee.side, &pool) {
    case .sent: break
    case .waiting: return .wouldBlock
    case .failed(let code): return .failed(code)
    }
    var taken = 0
    while taken < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[taken...])
      guard let count = connection.pointee.tls.seal(rest, into: memory.cipher), count > 0 else {
        memory.cipher.clear()
        return .failed(EPIPE)
      }
      taken += count
      switch sendSealed(connection) {
      case .sent: continue
      case .waiting: return .bytes(taken)
      case .failed(let code): return .failed(code)
      }
    }
    return .bytes(taken)
  }

  /// Sends what is sealed; what the socket does not take waits.
  @discardableResult
  func sendSealed(_ connection: UnsafeMutablePointer<SecureConnection>) -> SendOutcome {
    defer { memory.cipher.clear() }
    return connection.pointee.backlog.send(memory.cipher.bytes, to: &connection.pointee.side, &pool)
  }

  /// Says that this side says no more, by close_notify and FIN.
  func finishWriting(_ slot: Slot) {
    guard let connection = connections.pointer(slot) else { return }
    finish(connection)
  }

  private func finish(_ connection: UnsafeMutablePointer<SecureConnection>) {
    guard connection.pointee.phase == .open, !connection.pointee.hasSentEnd else { return }
    connection.pointee.hasSentEnd = true
    connection.pointee.tls.finish(into: memory.cipher)
    if case .sent = sendSealed(connection) { connection.pointee.side.finishWriting() }
  }

  func resetOnClose(_ slot: Slot) {
    guard let connection = connections.pointer(slot) else { return }
    connection.pointee.isReset = true
    connection.pointee.side.resetOnClose()
  }

  func failure(of slot: Slot) -> Int32 { connections.pointer(slot)?.pointee.failure ?? 0 }

  /// Whether a record has begun to arrive on a connection and is not whole; false of all that is none of these.
  func isAmidst(_ side: borrowing Side) -> Bool {
    guard side.isStream, side.stream.isSecure else { return false }
    return connections.pointer(side.stream.slot)?.pointee.tls.isAmidst ?? false
  }

  func hasUnreadBytes(_ slot: Slot) -> Bool {
    guard let connection = connections.pointer(slot) else { return false }
    return !connection.pointee.held.isEmpty || connection.pointee.side.hasUnreadBytes()
  }

  /// Whose it is from now on: he is told how it stands, as the loop tells of a socket that it begins to watch.
  func assign(_ slot: Slot, to owner: Token) {
    guard let connection = connections.pointer(slot) else { return }
    connection.pointee.owner = owner
    guard connection.pointee.phase == .open else { return }
    tell(connection, slot, standing(connection))
  }

  func standing(_ connection: UnsafeMutablePointer<SecureConnection>) -> Readiness {
    var news = Readiness(rawValue: 0)
    if connection.pointee.backlog.isEmpty { news.formUnion(.writable) }
    if !connection.pointee.held.isEmpty || connection.pointee.side.isReadable { news.formUnion(.readable) }
    if connection.pointee.side.mayHoldMore { news.formUnion(.peerFinished) }
    return news
  }

  /// Nobody has it any more. What was said is still sent.
  func giveUp(_ slot: Slot) {
    guard let connection = connections.pointer(slot) else { return }
    connection.pointee.owner = nil
    // It was not there in time.
    if connection.pointee.phase == .connecting || connection.pointee.phase == .shaking {
      choices.forget(connection.pointee.server)
    }
    if !connection.pointee.isReset { finish(connection) }
    guard !connection.pointee.isReset, connection.pointee.phase == .open, !connection.pointee.backlog.isEmpty else {
      return remove(slot)
    }
    guard leaving.count < SecureLimit.leaving else {
      connection.pointee.side.resetOnClose()
      return remove(slot)
    }
    leaving.append(slot)
  }
}
