internal import HTTP2
internal import Kernel
internal import Reactor

/// Servers of HTTP/2 may say their settings before the client has said anything (RFC 9113 section 3.4), as those of gRPC do. That
/// is not the speaking first of SMTP or MySQL: the client has a preface to send whatever it hears, and nothing waits for the
/// settings. So they wait for the client's first bytes, and what is spoken is decided by those.
extension Worker {
  /// Whether nothing is to be passed on to the client before it has spoken. Looks at what the server says first.
  ///
  /// True also where the server has reset the connection, which is over then.
  func awaitsClient(_ connection: UnsafeMutablePointer<Connection>, _ slot: Slot) -> Bool {
    if connection.pointee.isAwaitingClient {
      let isOver =
        connection.pointee.detection.isSettled || connection.pointee.request.isEnded
        || connection.pointee.upstream.mayHoldMore || connection.pointee.downstream.isBroken
      if isOver { letGo(connection) }
      return !isOver
    }
    guard connection.pointee.detection.result != .tls, !connection.pointee.detection.isSettled,
      connection.pointee.response.bytes == 0, connection.pointee.response.pending == nil,
      connection.pointee.upstream.isReadable, !connection.pointee.upstream.mayHoldMore
    else { return false }
    return lookAtServer(connection, slot)
  }

  private func lookAtServer(_ connection: UnsafeMutablePointer<Connection>, _ slot: Slot) -> Bool {
    let window = UnsafeMutableRawBufferPointer(rebasing: scratch[..<Int(ReadSize.smallest.bytes)])
    switch connection.pointee.upstream.receive(into: window) {
    case .bytes(let count):
      if count < window.count, !connection.pointee.upstream.mayHoldMore {
        connection.pointee.upstream.isReadable = false
      }
      let fresh = UnsafeRawBufferPointer(rebasing: window[..<count])
      connection.pointee.response.pending = pool.keep(fresh)
      connection.pointee.response.pendingOffset = 0
      connection.pointee.isAwaitingClient = Self.beginsAsHTTP2(fresh)
      if connection.pointee.isAwaitingClient { return true }
      letGo(connection)
      return false
    case .wouldBlock:
      connection.pointee.upstream.isReadable = false
      return false
    // The relay finds it, too, and knows what to do.
    case .endOfStream: return false
    case .failed(let code):
      close(slot, .serverReset, code: code)
      return true
    }
  }

  /// What was kept goes to the client next.
  private func letGo(_ connection: UnsafeMutablePointer<Connection>) {
    connection.pointee.isAwaitingClient = false
    let count = UInt64(connection.pointee.response.pending?.count ?? 0)
    connection.pointee.response.bytes &+= count
    counters.moved(connection.pointee.direction, connection.pointee.series, up: 0, down: count)
  }

  /// A SETTINGS frame that is no acknowledgement, on the connection itself (RFC 9113 section 6.5).
  private static func beginsAsHTTP2(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let size = 9
    guard bytes.count >= size else { return false }
    let length = Int(bytes[0]) << 16 | Int(bytes[1]) << 8 | Int(bytes[2])
    return length % 6 == 0 && length <= 6 * ProgramLimit.session.settingsEntries && bytes[3] == 4 && bytes[4] == 0
      && bytes[5..<size].allSatisfy { $0 == 0 }
  }
}
