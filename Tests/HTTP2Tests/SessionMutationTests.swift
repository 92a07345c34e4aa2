import Testing
import WeftTestKit

@testable import HTTP2

@Suite struct SessionMutationTests {
  @Test(
    "Whatever a server sends, the session reads it or fails, and what it holds stays within its bounds",
    arguments: 0..<400
  )
  func mutations(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let exchange = try Exchange(greeted: false)
    let streams = [try exchange.request(), try exchange.request(endsStream: false)]
    var bytes = random.mutated(Self.conversation(streams))
    var failed = false
    while !bytes.isEmpty, !failed {
      let piece = Array(bytes.prefix(Int.random(in: 1...200, using: &random)))
      bytes.removeFirst(piece.count)
      do {
        for case .data(_, let range) in try exchange.receive(piece) {
          #expect(range.lowerBound >= 0 && range.upperBound <= piece.count && !range.isEmpty)
        }
      } catch {
        failed = true
        _ = exchange.takeEvents()
      }
      if !failed { _ = try exchange.output() }
    }
    #expect(!failed || exchange.fault != nil)
  }

  @Test("Junk is no HTTP/2", arguments: 0..<100)
  func junk(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let exchange = try Exchange(greeted: false)
    _ = try exchange.request()
    let junk = (0..<2000).map { _ in UInt8.random(in: 0...255, using: &random) }
    let failure = exchange.failure(of: junk)
    #expect(failure != nil || exchange.takeEvents().allSatisfy { $0 == .settings })
  }

  /// All that a server may say to two requests.
  private static func conversation(_ streams: [UInt32]) -> [UInt8] {
    let head: [(String, String)] = [(":status", "200"), ("content-type", "application/grpc")]
    let frames: [HTTP2Frame] = [
      HTTP2Frame(HTTP2Frame.settings, [0, 3, 0, 0, 0, 100, 0, 4, 0, 1, 0, 0]),
      HTTP2Frame(HTTP2Frame.settings, flags: HTTP2Frame.acknowledgement),
      HTTP2Frame(HTTP2Frame.windowUpdate, HTTP2Frame.number(1 << 20)),
      .headers(streams[0], [(":status", "103")]),
      .headers(streams[0], head), .headers(streams[1], head),
      .data(streams[0], [UInt8](repeating: 1, count: 300)),
      HTTP2Frame(HTTP2Frame.ping, [1, 2, 3, 4, 5, 6, 7, 8]),
      .data(streams[1], [0, 0, 0, 0, 2, 7, 7]),
      .headers(streams[0], [("grpc-status", "0")], endStream: true),
      HTTP2Frame(HTTP2Frame.reset, stream: streams[1], HTTP2Frame.number(8)),
      HTTP2Frame(HTTP2Frame.goAway, HTTP2Frame.number(streams[1]) + HTTP2Frame.number(0) + Array("bye".utf8)),
    ]
    return frames.flatMap(\.bytes)
  }
}
