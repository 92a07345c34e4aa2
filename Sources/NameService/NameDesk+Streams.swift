internal import DNS
internal import NIOCore

extension NameDesk {
  /// Takes a TCP connection. Where its pod has as many as it may, the one of them that has been without a question longest goes;
  /// a client that only holds connections keeps nobody out. Nor do other pods: one without any gets theirs that idles longest.
  func admit(_ stream: StreamHandler) -> Bool {
    guard !isClosed else { return false }
    if !connections.hasRoom(for: stream.pod) {
      let isFirst = connections.count(of: stream.pod) == 0
      let candidates = streams.values.filter { $0.waiting == 0 && (isFirst || $0.pod == stream.pod) }
      guard let idlest = candidates.min(by: { $0.active < $1.active }) else {
        counts.refusedConnections += 1
        return false
      }
      counts.idleConnections += 1
      dismiss(idlest)
      idlest.close()
    }
    streams[ObjectIdentifier(stream)] = stream
    connections.take(stream.pod)
    return true
  }

  func dismiss(_ stream: StreamHandler) {
    if streams.removeValue(forKey: ObjectIdentifier(stream)) != nil { connections.giveBack(stream.pod) }
  }
}
