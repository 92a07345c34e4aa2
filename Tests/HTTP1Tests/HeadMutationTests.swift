import HTTP1
import Testing
import WeftTestKit

/// Heads of anybody. Inputs end at a page that must not be touched; see `GuardedBytes`.
@Suite struct HeadMutationTests {
  #if DEBUG
    static let rounds = 2000
  #else
    static let rounds = 100_000
  #endif

  private static let requests: [[UInt8]] =
    [
      "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
      "POST /a/b?c=d HTTP/1.1\r\nHost: web.shop:8080\r\nContent-Length: 3\r\nX-A:b\r\n\r\nabc",
      "PUT http://a:1/b HTTP/1.1\r\nHost: c\r\nTransfer-Encoding: chunked\r\nTrailer: x\r\nTE: trailers\r\n\r\n",
      "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\nProxy-Connection: keep-alive\r\n\r\n",
      "OPTIONS * HTTP/1.0\r\nConnection: keep-alive, x-a\r\nX-A: 1\r\nX_B: 2\r\nExpect: 100-continue\r\n\r\n",
      "\r\nGET /ws HTTP/1.1\r\nHost:\ta\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nCookie: a\r\nCookie:b\r\n\r\n",
    ].map { Array($0.utf8) } + AmbiguousRequests.all.map(\.bytes).filter { $0.count < 200 }

  private static let responses: [[UInt8]] =
    [
      "HTTP/1.1 200 OK\r\nServer: a\r\nContent-Length: 3\r\n\r\nabc",
      "HTTP/1.0 304 Not Modified\r\nConnection: keep-alive\r\nETag: \"a\"\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
      "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\nTrailer: b\r\nSet-Cookie: c\r\nSet-Cookie: d\r\n\r\n",
    ].map { Array($0.utf8) } + AmbiguousResponseTests.all.map(\.bytes).filter { $0.count < 200 }

  /// Heads that are right, the first `whole` of `all`, take turns with those that are not, of which there are more.
  private static func pick(_ all: [[UInt8]], whole: Int, using random: inout SplitMix64) -> [UInt8] {
    (Bool.random(using: &random) ? all[..<whole] : all[whole...]).randomElement(using: &random) ?? []
  }

  @Test(
    "Whatever bytes come as a request, the answer is within bounds and holds for what is written",
    arguments: [1, 2]
  )
  func requests(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let memory = GuardedBytes(room: 4096)
    var head = RequestHead()
    var taken = 0
    for round in 0..<Self.rounds {
      let bytes = random.mutated(Self.pick(Self.requests, whole: 6, using: &random))
      let problem = memory.lend(bytes) { HeadCheck.request($0, &head) }
      if let problem {
        Issue.record("round \(round): \(problem): \(String(decoding: bytes, as: UTF8.self).debugDescription)")
        return
      }
      if head.bytes.count > 0 { taken += 1 }
    }
    #expect(taken > Self.rounds / 20)
  }

  @Test(
    "Whatever bytes come as a response, the answer is within bounds and holds for what is written",
    arguments: [1, 2]
  )
  func responses(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let memory = GuardedBytes(room: 4096)
    var head = ResponseHead()
    var taken = 0
    for round in 0..<Self.rounds {
      let bytes = random.mutated(Self.pick(Self.responses, whole: 4, using: &random))
      let problem = memory.lend(bytes) { HeadCheck.response($0, &head) }
      if let problem {
        Issue.record("round \(round): \(problem): \(String(decoding: bytes, as: UTF8.self).debugDescription)")
        return
      }
      if head.bytes.count > 0 { taken += 1 }
    }
    #expect(taken > Self.rounds / 20)
  }
}
