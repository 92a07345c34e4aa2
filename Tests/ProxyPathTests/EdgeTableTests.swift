import MeshModel
import Testing

@testable import ProxyPath

@Suite("Edges of a worker")
struct EdgeTableTests {
  private func key(
    _ number: UInt32,
    _ security: EdgeKey.Security = .plain,
    _ direction: Direction = .outbound
  ) -> EdgeKey {
    EdgeKey(
      direction: direction,
      security: security,
      source: IPAddress(v4: 0x0a00_0001),
      destination: SocketAddress(IPAddress(v4: 0x0a01_0000 + number / 16), port: UInt16(80 + number % 16))
    )
  }

  @Test("are told apart by both ends, direction, security and who the other end is, and each use is counted once")
  func told() throws {
    var table = EdgeTable()
    let (shop, bank) = (
      try SPIFFEID("spiffe://weft.local/ns/a/sa/shop"), try SPIFFEID("spiffe://weft.local/ns/a/sa/bank")
    )
    let uses: [(EdgeKey, SPIFFEID?)] = [
      (key(1), nil), (key(2), nil), (key(1, .mutualTLS), shop), (key(1, .mutualTLS), bank), (key(1, .programTLS), nil),
      (key(1, .plain, .inbound), nil),
    ]
    for round in 1...3 {
      for (key, peer) in uses { table.count(round == 3 ? .connection : .request, key, peer: peer, tick: UInt32(round)) }
    }
    try #require(table.count == uses.count)
    for (place, use) in uses.enumerated() {
      let edge = table[place]
      #expect(edge.key == use.0 && edge.peer == use.1)
      #expect(edge.requests == 2 && edge.connections == 1 && edge.lastUsed == 3)
    }
    #expect(table.folded == 0)
  }

  @Test("beyond the bound are counted as one number, until those that nobody used for long make room")
  func bound() {
    var table = EdgeTable()
    let limit = UInt32(EdgeLimit.edges)
    for number in 0..<limit { table.count(.request, key(number), peer: nil, tick: 10) }
    table.count(.request, key(limit), peer: nil, tick: 11)
    #expect(table.count == EdgeLimit.edges && table.folded == 1)
    // One of them is used still.
    let later = 10 + EdgeLimit.unusedTicks
    table.count(.request, key(7), peer: nil, tick: later)
    table.count(.request, key(limit), peer: nil, tick: later)
    #expect(table.count == 2 && table.folded == 1)
    #expect(table[0].key == key(7) && table[0].requests == 2)
    #expect(table[1].key == key(limit))
    table.count(.connection, key(7), peer: nil, tick: later)
    #expect(table[0].connections == 1, "what is left is found again")
    for number in 0..<limit where number != 7 { table.count(.request, key(number), peer: nil, tick: later) }
    #expect(table.count == EdgeLimit.edges && table.folded == 2, "and it is not swept again within a minute")
  }

  @Test("of several workers are one edge with the sum of its uses")
  func sum() {
    func seen(_ number: UInt32, _ requests: UInt64, unused_ms: Int64) -> EdgeAnswer.Seen {
      EdgeAnswer.Seen(key: key(number), peer: nil, requests: requests, connections: 1, unused_ms: unused_ms)
    }
    let sum = EdgeAnswer.sum([
      EdgeAnswer(edges: [seen(1, 5, unused_ms: 500), seen(2, 1, unused_ms: 0)], folded: 1),
      EdgeAnswer(edges: [seen(1, 7, unused_ms: 250)], folded: 2),
    ])
    #expect(sum.folded == 3 && sum.edges.map(\.requests) == [12, 1])
    #expect(sum.edges[0].connections == 2 && sum.edges[0].unused_ms == 250)
  }
}
