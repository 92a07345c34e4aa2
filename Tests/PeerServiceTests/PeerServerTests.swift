import Authority
import Foundation
import GRPCCore
import MeshAPI
import MeshModel
import MeshServices
import Replication
import Synchronization
import Testing
import WeftTestKit

@testable import PeerService

@Suite("Agents on loopback, with real certificates", .timeLimit(.minutes(1)))
struct PeerServerTests {
  private func message() throws -> Message { .summary(try summary) }

  private var summary: Summary {
    get throws {
      guard case .summary(let summary) = try Message(decoding: Self.encodedSummary) else {
        throw PeerError.answer("no summary")
      }
      return summary
    }
  }

  /// What a replica without records says.
  private static var encodedSummary: [UInt8] { [1, 1] + [UInt8](repeating: 0, count: 8 * ReplicationLimits.buckets) }

  @Test("a message arrives with the owner who sent it, and again after a renewal")
  func messages() async throws {
    let scene = try PeerScene()
    let (a, b) = (try scene.host("a"), try scene.host("b"))
    let handler = HeldHandler(scene)
    try await PeerServer.onLoopback(b, handler).serving { address in
      let clients = PeerClients(trust: a) { _, _ in }
      defer { clients.close() }
      clients.update(peer: b.owner, address: address)
      var arrivals = handler.messages.makeAsyncIterator()
      clients.send(try message(), to: b.owner)
      let first = await arrivals.next()
      #expect(first?.owner == a.owner)
      #expect(first?.bytes == Self.encodedSummary)
      // The listener shows another certificate from now on; the stream that is open lives.
      var random = SystemRandomNumberGenerator()
      let renewed = try scene.authority.issue(.host(scene.domain, name: "b"), now_s: PeerTrust.now_s, using: &random)
      try b.update(identity: renewed, bundle: scene.authority.bundle)
      clients.send(try message(), to: b.owner)
      #expect(await arrivals.next()?.owner == a.owner)
      #expect(clients.counts.snapshot["links_failed"] == nil)
      #expect(try await PeerCalls(trust: a).trustAnswer(at: address).roots == scene.authority.bundle.roots)
    }
  }

  @Test("a host that speaks for another owner is refused")
  func otherOwner() async throws {
    let scene = try PeerScene()
    let (liar, b) = (try scene.host("a", speaksFor: "c"), try scene.host("b"))
    let server = PeerServer.onLoopback(b, HeldHandler(scene))
    try await server.serving { address in
      let clients = PeerClients(trust: liar) { _, _ in }
      defer { clients.close() }
      clients.update(peer: b.owner, address: address)
      clients.send(try message(), to: b.owner)
      while server.counts.snapshot["hellos_refused"] == nil { try await Task.sleep(for: .milliseconds(5)) }
      #expect(server.counts.snapshot["messages_received"] == nil)
    }
  }

  @Test("who shows no certificate is nobody, whatever its header says of whose connection it came by")
  func forgedStamp() async throws {
    let scene = try PeerScene()
    let server = PeerServer.onLoopback(try scene.host("b"), HeldHandler(scene))
    try await server.serving { address in
      let verifier = try PeerVerifier(scene.authority.bundle)
      let transport = try PeerDialer.transport(address, identity: nil, seen: PeerDialer.Seen()) {
        try PeerChain.verified($0, by: verifier)
      }
      let leaf = String(repeating: "ab", count: 32)
      let stamp: Metadata = ["\(PeerStamp.field)": "a \(leaf) \(leaf)"]
      let code = try await withGRPCClient(transport: transport) { client -> RPCError.Code? in
        do {
          _ = try await Weft_Peer_V1_Peers.Client(wrapping: client).trust(.init(), metadata: stamp)
          return nil
        } catch let error as RPCError { return error.code }
      }
      #expect(code == .unauthenticated)
    }
    #expect(server.counts.snapshot["unauthenticated"] == 1)
  }

  @Test("a host of the right name whose key is another is not the one that was to be reached")
  func twin() async throws {
    let scene = try PeerScene()
    let (a, b) = (try scene.host("a"), try scene.host("b"))
    let server = PeerServer.onLoopback(try scene.host("b"), HeldHandler(scene))
    try await server.serving { address in
      let clients = PeerClients(trust: a) { _, _ in }
      defer { clients.close() }
      clients.update(peer: b.owner, address: address)
      clients.send(try message(), to: b.owner)
      try await clients.counts.reach("links_failed")
      #expect(server.counts.snapshot["messages_received"] == nil)
    }
  }

  @Test("a host of another mesh is refused by both sides")
  func foreign() async throws {
    let scene = try PeerScene()
    let stranger = try PeerScene().host("a")
    try await PeerServer.onLoopback(scene.host("b"), HeldHandler(scene)).serving { address in
      await #expect(throws: PeerError.self) { try await PeerCalls(trust: stranger).trustAnswer(at: address) }
    }
  }

  @Test("a token admits once, a wrong one never, and an agent with another root never sees the secret")
  func joining() async throws {
    let scene = try PeerScene()
    let handler = HeldHandler(scene)
    let server = try PeerServer.onLoopback(scene.host("b"), handler)
    try await server.serving { address in
      let token = try handler.tokens.withLock { tokens throws(JoinMintFault) in
        try tokens.mint(pin: scene.authority.pin, addresses: [address], now_s: PeerTrust.now_s).token
      }
      let wrongPin = try JoinToken(secret: token.secret, pin: PeerScene().authority.pin, addresses: [address])
      await #expect(throws: PeerError.self) {
        try await PeerJoin.join(wrongPin, hostName: "new", hostKey: HostKey())
      }
      #expect(server.counts.snapshot["joins_refused"] == nil)
      let wrong = try JoinToken(
        secret: SecretBytes([UInt8](repeating: 1, count: 32)),
        pin: token.pin,
        addresses: [address]
      )
      await #expect(throws: PeerError.self) { try await PeerJoin.join(wrong, hostName: "new", hostKey: HostKey()) }
      #expect(server.counts.snapshot["joins_refused"] == 1)
      let joined = try await PeerJoin.join(token, hostName: "new", hostKey: HostKey())
      #expect(joined.identity.spiffeID.hostName == "new")
      await #expect(throws: PeerError.self) { try await PeerJoin.join(token, hostName: "other", hostKey: HostKey()) }
      #expect(server.counts.snapshot["joins_refused"] == 2)
      #expect(server.counts.snapshot["joins"] == 1)
    }
  }

  @Test(
    "a server that ended is followed by another on its port, though streams to it and programs that began then go on"
  )
  func samePort() async throws {
    let scene = try PeerScene()
    let (a, b) = (try scene.host("a"), try scene.host("b"))
    let clients = PeerClients(trust: a) { _, _ in }
    defer { clients.close() }
    let message = try message()
    var port: UInt16 = 0
    var programs: [RunningProgram] = []
    for _ in 0..<3 {
      let server = PeerServer.onLoopback(b, HeldHandler(scene), port: port)
      port = try await withThrowingTaskGroup(of: Void.self) { group in
        defer { group.cancelAll() }
        group.addTask { try await server.run() }
        let port = try #require(await server.port)
        clients.update(peer: b.owner, address: MeshModel.SocketAddress(IPAddress(v4: 0x7f00_0001), port: port))
        // What a stream took before its end was seen is lost.
        while server.counts.snapshot["messages_received"] == nil {
          clients.send(message, to: b.owner)
          try await Task.sleep(for: .milliseconds(20))
        }
        // As other suites do beside this one.
        programs.append(try Command("sleep", ["600"]).start())
        return port
      }
    }
    #expect(programs.allSatisfy { $0.exitCode == nil })
  }

  @Test("a host gets its own identity and workloads' signed, not another host's")
  func signing() async throws {
    let scene = try PeerScene()
    let a = try scene.host("a")
    try await PeerServer.onLoopback(scene.host("b"), HeldHandler(scene)).serving { address in
      let calls = PeerCalls(trust: a)
      let request = try CertificateRequest().der
      let web = try SPIFFEID.workload(scene.domain, namespace: "shop", serviceAccount: "web")
      _ = try await calls.sign(web, request: request, at: address)
      _ = try await calls.sign(.host(scene.domain, name: "a"), request: request, at: address)
      await #expect(throws: PeerError.self) {
        try await calls.sign(.host(scene.domain, name: "b"), request: request, at: address)
      }
    }
  }
}
