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
