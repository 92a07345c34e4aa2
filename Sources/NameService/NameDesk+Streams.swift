internal import NIOCore

extension NameDesk {
  /// Takes a TCP connection. Where there are as many as may be, the one that has been without a question longest goes; a
  /// client that only holds connections keeps nobody out.
  func admit(_ stream: StreamHandler) -> Bool {
    guard !isClosed else { return false }
    if streams.count >= NameServiceLimit.connections {
      guard let idlest = streams.values.filter({ $0.waiting == 0 }).min(by: { $0.active < $1.active }) else {
        counts.refusedConnections += 1
        return false
      }
      counts.idleConnections += 1
      streams[ObjectIdentifier(idlest)] = nil
      idlest.close()
    }
    streams[ObjectIdentifier(stream)] = stream
    return true
  }

  func dismiss(_ stream: StreamHandler) { streams[ObjectIdentifier(stream)] = nil }
}
