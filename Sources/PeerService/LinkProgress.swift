internal import MeshModel

/// How far one stream to a peer is.
final class LinkProgress: Sendable {
  private let moment = LastMoment()
  private let greet: AsyncStream<Void>.Continuation
  /// Says once that the peer has shown for whom it speaks; for one reader.
  let greetings: AsyncStream<Void>

  init() { (greetings, greet) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

  func greeted() {
    moment.note()
    greet.yield()
  }

  /// Whether the peer has shown for whom it speaks.
  var isGreeted: Bool { moment.hasCome }

  func sent() { moment.note() }

  /// Waits until nothing was sent for a while.
  ///
  /// - Throws: where the peer has not said hello within its time, be it that it answers nothing at all.
  func idle(_ address: MeshModel.SocketAddress) async throws {
    try await Task.sleep(for: .milliseconds(PeerLimit.open_ms))
    guard moment.hasCome else {
      throw PeerError.unreachable("\(address): it has not said hello within \(PeerLimit.open_ms) ms")
    }
    while !moment.isOlder(than: .milliseconds(PeerLimit.idle_ms)) {
      try await Task.sleep(for: .milliseconds(PeerLimit.idle_ms / 4))
    }
  }
}
