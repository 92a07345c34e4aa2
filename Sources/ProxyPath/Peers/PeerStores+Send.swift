internal import HTTP2
internal import Kernel
internal import Reactor
internal import TransportSecurity

extension PeerStores {
  /// Room for frames; false where those before have not gone yet.
  func prepareOutput(_ connection: UnsafeMutablePointer<PeerConnection>) -> Bool {
    guard connection.pointee.backlog.isEmpty else { return false }
    if connection.pointee.output == nil {
      let memory = pool.room(for: PathOutput.flushBytes)
      connection.pointee.outputMemory = memory
      connection.pointee.output = PathOutput(memory)
    }
    return true
  }

  /// Seals the frames that are there and sends them; false where the socket takes no more.
  func flushOutput(_ connection: UnsafeMutablePointer<PeerConnection>, _ slot: Slot) -> Bool {
    guard let output = connection.pointee.output, output.count > 0 else { return connection.pointee.backlog.isEmpty }
    guard connection.pointee.tls != nil else { return sendPlain(output, connection, slot) }
    guard connection.pointee.tls?.seal(output.bytes, into: cipher) == output.count else {
      cipher.clear()
      noteBroken(slot)
      return false
    }
    connection.pointee.output?.removeAll()
    return sendSealed(connection, slot)
  }

  /// Sends what is sealed; what the socket does not take waits.
  func sendSealed(_ connection: UnsafeMutablePointer<PeerConnection>, _ slot: Slot) -> Bool {
    defer { cipher.clear() }
    switch connection.pointee.backlog.send(cipher.bytes, to: &connection.pointee.side, &pool) {
    case .sent: return true
    case .waiting: return false
    case .failed:
      noteBroken(slot)
      return false
    }
  }

  /// Sends all that waits, as far as the socket takes it, frames of many streams in one record.
  func flush(_ connection: UnsafeMutablePointer<PeerConnection>, _ slot: Slot) {
    guard connection.pointee.phase.stands else { return }
    while prepareOutput(connection), var output = connection.pointee.output {
      let before = output.count
      connection.pointee.session.takeOutput(into: &output, events)
      connection.pointee.output = output
      takeEvents(connection, slot, UnsafeRawBufferPointer(start: nil, count: 0))
      if connection.pointee.owesResets, !connection.pointee.session.wantsOutput {
        settleResets(connection)
        connection.pointee.session.takeOutput(into: &output, events)
        connection.pointee.output = output
        takeEvents(connection, slot, UnsafeRawBufferPointer(start: nil, count: 0))
      }
      guard output.count > 0 else { break }
      let isMore = output.count > before && connection.pointee.session.wantsOutput
      guard flushOutput(connection, slot), isMore else { break }
    }
    releaseOutput(connection)
  }

  /// Gives the memory for frames back where none wait.
  func releaseOutput(_ connection: UnsafeMutablePointer<PeerConnection>) {
    guard let memory = connection.pointee.outputMemory, connection.pointee.output?.count == 0 else { return }
    pool.giveBack(memory)
    connection.pointee.outputMemory = nil
    connection.pointee.output = nil
  }

  func noteBroken(_ slot: Slot) { if !broken.contains(slot) { broken.append(slot) } }
}
