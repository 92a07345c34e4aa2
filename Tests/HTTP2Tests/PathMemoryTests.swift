import Testing

@testable import HTTP2

/// What nghttp2 holds for a session; our own state beside it is one piece of a fixed size.
@Suite struct PathMemoryTests {
  private static let post = [":method: POST", ":scheme: https", ":path: /", ":authority: a"]

  @Test("An idle session and an open stream cost no more than docs/http2.md says", arguments: [true, false])
  func idleAndOpen(_ isServer: Bool) throws {
    let counts = (client: CountingMemory(), server: CountingMemory())
    let pair = try PathPair(counting: counts)
    let count = isServer ? counts.server : counts.client
    let idle = count.heldBytes
    for _ in 0..<100 { _ = try pair.client.request(Self.post, ends: false) }
    pair.exchange()
    let stream = (count.heldBytes - idle) / 100
    let state = MemoryLayout<PathState>.size
    print("\(isServer ? "server" : "client"): idle \(idle) bytes and \(state) of state, an open stream \(stream) bytes")
    #expect(idle < 26_000 && state < 700 && stream < 700)
  }

  @Test("What was used is given back: a thousand requests leave no more than one did")
  func nothingIsLeft() throws {
    let counts = (client: CountingMemory(), server: CountingMemory())
    let pair = try PathPair(counting: counts)
    var held = 0
    for round in 0..<1000 {
      let stream = try pair.client.request(Self.post, ends: false)
      pair.client.send("body", on: stream, isLast: true)
      pair.exchange()
      if round % 3 == 0 {
        pair.server.reset(stream, .cancel)
      } else {
        try pair.server.respond([":status: 200"], on: stream, ends: false)
        pair.server.send("answer", on: stream, isLast: true)
      }
      pair.exchange()
      if round == 10 { held = counts.client.heldBytes + counts.server.heldBytes }
    }
    _ = (pair.client.takeEvents(), pair.server.takeEvents())
    #expect(counts.client.heldBytes + counts.server.heldBytes <= held + 64)
  }

  @Test("A request whose head and body come one byte at a time holds no more than its list")
  func slowHead() throws {
    let counts = (client: CountingMemory(), server: CountingMemory())
    let pair = try PathPair(counting: counts)
    let idle = counts.server.heldBytes
    _ = try pair.client.request(Self.post + ["x: \(String(repeating: "v", count: 5000))"])
    for byte in pair.client.output().dropLast() {
      #expect(pair.server.receive([byte]) == [])
      #expect(counts.server.heldBytes - idle < 24_000)
    }
    #expect(pair.server.isHeaderListOpen)
  }
}
