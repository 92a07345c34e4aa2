import Authority
import Foundation
import GRPCCore
import Logging
import MeshAPI
import MeshModel
import Replication
import Testing

@testable import PeerService

@Suite("Streams to peers", .timeLimit(.minutes(1)))
struct PeerLinkTests {
  /// What a replica without records says.
  private func message() throws -> Message {
    try Message(decoding: [1, 1] + [UInt8](repeating: 0, count: 8 * ReplicationLimits.buckets))
  }

  @Test("a message that a breaking stream took is counted, and the others wait for the next stream")
  func dropping() async throws {
    let trust = try PeerScene().host("a")
    let queue = MessageQueue()
    for byte in UInt8(0)...2 { _ = queue.put([byte]) }
    let counts = PeerCounts()
    let link = PeerLink(
      peer: trust.owner,
      address: SocketAddress(IPAddress(v4: 0x7f00_0001), port: 1),
      queue: queue,
      trust: trust,
      counts: counts,
      log: PacedLog(Logger(label: "test")),
      turnedAway: {},
      foreign: { _ in },
      receive: { _, _ in }
    )
    await #expect(throws: BrokenWriter.Broken.self) {
      try await link.send(RPCWriter(wrapping: BrokenWriter()), LinkProgress())
    }
    #expect(counts.snapshot == ["messages_dropped": 1])
    #expect(queue.take() == [1])
    #expect(queue.take() == [2])
  }

  @Test("each stream is woken by what comes after it began, whatever became of the one before")
  func wakingUp() async throws {
    let queue = MessageQueue()
    for byte in UInt8(0)...3 {
      let signals = queue.signals()
      let reader = Task {
        for await _ in signals { if queue.take() != nil { return true } }; return false
      }
      _ = queue.put([byte])
      #expect(await reader.value)
      // A reader that is cancelled ends its own signals, and no others.
      let cancelled = queue.signals()
      let waiter = Task { for await _ in cancelled { return } }
      waiter.cancel()
      await waiter.value
    }
    queue.close()
    for await _ in queue.signals() { Issue.record("a closed queue has nothing to say") }
  }

  @Test("a stream ends with the own certificate, and one new stream, with the renewed one, takes all that comes")
  func expiring() async throws {
    let scene = try PeerScene()
    let a = try scene.host("a", now_s: PeerTrust.now_s - AuthorityTiming.leafLife_s + 4)
    try await streaming(from: a, in: scene) { clients, received, send in
      // Renewal alone ends nothing.
      var random = SystemRandomNumberGenerator()
      let renewed = try scene.authority.issue(.host(scene.domain, name: "a"), now_s: PeerTrust.now_s, using: &random)
      try a.update(identity: renewed, bundle: scene.authority.bundle)
      send()
      try await received.reach("messages_received", 2)
      #expect(clients.counts.snapshot["links_opened"] == 1)
      while clients.counts.snapshot["links_expired"] == nil, clients.counts.snapshot["links_failed"] == nil {
        try await Task.sleep(for: .milliseconds(5))
      }
      // All that comes after the break goes over one new stream.
      for count in UInt64(3)...6 {
        send()
        try await received.reach("messages_received", count)
      }
      #expect(clients.counts.snapshot["links_opened"] == 2)
    }
  }

  @Test("who has shown its certificate and does not take ours is told apart from who is not there")
  func turnedAway() async throws {
    let (scene, strange) = (try PeerScene(), try PeerScene())
    let (a, b) = (try scene.host("a"), try scene.host("b"))
    var random = SystemRandomNumberGenerator()
    // It believes the other side, which does not believe it.
    let both = TrustBundle(
      trustDomain: scene.domain,
      version: 1,
      roots: scene.authority.bundle.roots + strange.authority.bundle.roots
    )
    let unknown = try strange.authority.issue(.host(strange.domain, name: "a"), now_s: PeerTrust.now_s, using: &random)
    try a.update(identity: unknown, bundle: both)
    let server = PeerServer.onLoopback(b, HeldHandler(scene))
    let message = try message()
    let turns = PeerCounts()
    let clients = PeerClients(trust: a, turnedAway: { turns.count("turned_away") }, receive: { _, _ in })
    defer { clients.close() }
    try await server.serving { address in
      clients.update(peer: b.owner, address: address)
      clients.send(message, to: b.owner)
      try await turns.reach("turned_away")
      try a.update(identity: scene.identity("a"), bundle: both)
      clients.send(message, to: b.owner)
      try await server.counts.reach("messages_received")
    }
    // Nobody is there any more.
    let (before, failed) = (turns.snapshot, clients.counts.snapshot["links_failed", default: 0])
    clients.send(message, to: b.owner)
    try await clients.counts.reach("links_failed", failed + 2)
    #expect(turns.snapshot == before)
  }

  @Test("a stream ends when the root of its peer left the bundle")
  func distrusting() async throws {
    let (old, new) = (try PeerScene(), try PeerScene())
    let a = try old.host("a")
    try await streaming(from: a, in: old) { clients, _, _ in
      var random = SystemRandomNumberGenerator()
      let moved = try new.authority.issue(.host(new.domain, name: "a"), now_s: PeerTrust.now_s, using: &random)
      try a.update(identity: moved, bundle: new.authority.bundle)
      try await clients.counts.reach("links_distrusted")
    }
  }

  /// Lets `body` have the clients of `a`, of which one has brought a first message to a host of `scene`, `other` or else a
  /// new one; what that host counts; and a way to send it one more.
  private func streaming(
    from a: PeerTrust,
    to other: PeerTrust? = nil,
    in scene: PeerScene,
    _ body: @Sendable @escaping (PeerClients, PeerCounts, @Sendable () -> Void) async throws -> Void
  ) async throws {
    let b = try other ?? scene.host("b")
    let server = PeerServer.onLoopback(b, HeldHandler(scene))
    let message = try message()
    try await server.serving { address in
      let clients = PeerClients(trust: a) { _, _ in }
      defer { clients.close() }
      clients.update(peer: b.owner, address: address)
      clients.send(message, to: b.owner)
      try await server.counts.reach("messages_received")
      try await body(clients, server.counts) { clients.send(message, to: b.owner) }
    }
  }

  @Test("a stream ends, on both sides, when the root is forgotten by which its owner was admitted")
  func forgetting() async throws {
    let scene = try PeerScene()
    let former = try AuthorityState(new: scene.domain, now_s: PeerTrust.now_s)
    let known = scene.authority.bundle.roots
    // Both were admitted by a root that the mesh has no more; their certificates are of the present one.
    let (a, b) = (try scene.host("a", admittedBy: former), try scene.host("b", admittedBy: former))
    try await streaming(from: a, to: b, in: scene) { clients, received, send in
      // The same roots once more end nothing.
      try b.keyring.update(roots: known + former.bundle.roots)
      try b.update(identity: b.now.identity, bundle: scene.authority.bundle)
      send()
      try await received.reach("messages_received", 2)
      try b.keyring.update(roots: known)
      try b.update(identity: b.now.identity, bundle: scene.authority.bundle)
      try await received.reach("streams_distrusted")
      try b.keyring.update(roots: known + former.bundle.roots)
      try b.update(identity: b.now.identity, bundle: scene.authority.bundle)
      // What a stream took before its end was seen is lost.
      while received.snapshot["messages_received"] == 2 {
        send()
        try await Task.sleep(for: .milliseconds(20))
      }
      try a.keyring.update(roots: known)
      try a.update(identity: a.now.identity, bundle: scene.authority.bundle)
      try await clients.counts.reach("links_distrusted")
      #expect(received.snapshot["connections_distrusted"] == nil)
    }
  }

  @Test("a connection may stand until its certificates end, or for the rest of the tolerance")
  func terms() {
    #expect(PeerTerm(notAfter_s: 100, 200, now_s: 50).ends_s == 100)
    #expect(PeerTerm(notAfter_s: 100, 200, now_s: 110).ends_s == 100 + AuthorityTiming.skew_s)
    let term = PeerTerm(notAfter_s: 100, now_s: 50)
    #expect(term.left_s(now_s: 100) == 1)
    #expect(term.left_s(now_s: 101) == nil)
    #expect(term.left_s(now_s: -10_000) == PeerLimit.clockLook_s)
  }
}

/// A stream that is broken already.
private struct BrokenWriter: RPCWriterProtocol {
  struct Broken: Error {}

  func write(_ element: Weft_Peer_V1_Frame) async throws { throw Broken() }

  func write(contentsOf elements: some Sequence<Weft_Peer_V1_Frame>) async throws { throw Broken() }
}
