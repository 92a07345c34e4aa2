import GRPCCore
import Logging
import MeshAPI
import MeshModel
import Testing

@testable import PeerService

@Suite("Joins by address")
struct JoinLimitTests {
  @Test("an address has its own share of joins, and what it has too many of costs others nothing")
  func shares() async throws {
    let scene = try PeerScene()
    let counts = PeerCounts()
    let methods = PeerMethods(
      trust: try scene.host("b"),
      handler: HeldHandler(scene),
      counts: counts,
      log: PacedLog(Logger(label: "test"))
    )
    func join(from peer: String) async {
      await withServerContextRPCCancellationHandle { handle in
        let context = ServerContext(
          descriptor: MethodDescriptor(fullyQualifiedService: "weft.peer.v1.Peers", method: "Join"),
          remotePeer: peer,
          localPeer: "ipv4:192.0.2.9:15012",
          cancellation: handle
        )
        _ = try? await methods.join(request: .init(), context: context)
      }
    }
    for port in 1...60 { await join(from: "ipv4:192.0.2.1:\(port)") }
    let refused = try #require(counts.snapshot["joins_refused"])
    #expect(refused >= 8 && refused < 20)
    #expect(counts.snapshot["joins_limited_by_address"] == 60 - refused)
    #expect(counts.snapshot["joins_limited"] == nil)
    await join(from: "ipv4:192.0.2.2:1")
    await join(from: "ipv6:[2001:db8::1]:1")
    #expect(counts.snapshot["joins_refused"] == refused + 2)
  }

  /// What `body` counts when it is called so often from `address`, as from a host of the mesh where `ends` are given.
  private func counts(
    _ times: Int,
    from address: (Int) -> String,
    ends: PeerEnds? = nil,
    _ body: @Sendable (PeerMethods, ServerContext) async -> Void
  ) async throws -> [String: UInt64] {
    let counts = PeerCounts()
    let methods = PeerMethods(
      trust: try PeerScene().host("b"),
      handler: HeldHandler(try PeerScene()),
      counts: counts,
      log: PacedLog(Logger(label: "test"))
    )
    for index in 0..<times {
      await withServerContextRPCCancellationHandle { handle in
        var context = ServerContext(
          descriptor: MethodDescriptor(fullyQualifiedService: "weft.peer.v1.Peers", method: "Any"),
          remotePeer: address(index),
          localPeer: "ipv4:192.0.2.9:15012",
          cancellation: handle
        )
        context.transportSpecific = ends
        await body(methods, context)
      }
    }
    return counts.snapshot
  }

  @Test("of many addresses together have one share, too, and so have signatures of all hosts")
  func together() async throws {
    let joins = try await counts(200, from: { "ipv4:198.51.100.\($0):1" }) {
      _ = try? await $0.join(request: .init(), context: $1)
    }
    let refused = joins["joins_refused"] ?? 0
    #expect(
      refused >= 32 && joins["joins_limited"] == 200 - refused && joins["joins_limited_by_address"] == nil,
      "\(joins)"
    )
    let ends = PeerEnds(host: "a", ownLeaf: [1], peerLeaf: [2])
    let signs = try await counts(2_000, from: { _ in "ipv4:192.0.2.1:1" }, ends: ends) {
      _ = try? await $0.sign(request: .init(), context: $1)
    }
    #expect(signs["signs_refused"] ?? 0 >= 512 && signs["signs_limited"] ?? 0 > 0, "\(signs)")
  }

  @Test("shares come back with time; the table is bounded; an IPv6 host has one share whatever address it takes")
  func table() throws {
    let limits = AddressLimits(burst: 2, perSecond: 1, capacity: 3)
    let start = ContinuousClock.now
    func ip(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }
    #expect(try limits.take(ip("192.0.2.1"), now: start) && limits.take(ip("192.0.2.1"), now: start))
    #expect(try !limits.take(ip("192.0.2.1"), now: start))
    #expect(try limits.take(ip("192.0.2.1"), now: start + .seconds(1)))
    #expect(try !limits.take(ip("192.0.2.1"), now: start + .seconds(1)))
    #expect(try limits.take(ip("2001:db8::1"), now: start) && limits.take(ip("2001:db8::2"), now: start))
    #expect(try !limits.take(ip("2001:db8::3"), now: start))
    #expect(try limits.take(ip("2001:db8:0:1::3"), now: start))
    for last in 1...100 { #expect(try limits.take(ip("198.51.100.\(last)"), now: start + .seconds(1))) }
    #expect(limits.count <= 3)
  }
}
