import Authority
import GRPCCore
import MeshAPI
import MeshModel
import MeshServices
import Testing
import WeftTestKit

@testable import PeerService

@Suite("Connections of other agents, and of strangers", .timeLimit(.minutes(1)))
struct PeerConnectionTests {
  @Test("a handshake that does not go on is ended within its time")
  func halfOpen() async throws {
    let scene = try PeerScene()
    let bounds = PeerBounds(handshake_ms: 200)
    let server = try PeerServer.onLoopback(scene.host("b"), HeldHandler(scene), bounds: bounds)
    try await server.serving { address in
      let client = try SilentClient(address)
      #expect(client.isClosed(within: 10_000))
      #expect(server.counts.snapshot["handshakes_expired"] == 1)
    }
  }

  @Test("a stranger's connections beyond its own few are closed at once, and there is room again when others end")
  func strangers() async throws {
    let scene = try PeerScene()
    let (a, b) = (try scene.host("a"), try scene.host("b"))
    let server = PeerServer.onLoopback(b, HeldHandler(scene), bounds: PeerBounds(strangersPerAddress: 2))
    try await server.serving { address in
      do {
        // Each is accepted on a thread of its own: which of them is the last is for the server to say.
        let clients = [try SilentClient(address), try SilentClient(address), try SilentClient(address)]
        try await server.counts.reach("connections_refused")
        while !clients.contains(where: { $0.isClosed(within: 0) }) { try await Task.sleep(for: .milliseconds(5)) }
        #expect(clients.count { $0.isClosed(within: 0) } == 1)
        #expect(server.counts.snapshot["connections_refused"] == 1)
      }
      // The two are gone; their room is, as soon as the server has seen it.
      while (try? await PeerCalls(trust: a).trustAnswer(at: address)) == nil {
        try await Task.sleep(for: .milliseconds(5))
      }
    }
  }

  @Test("who shows no certificate has to go soon after the handshake")
  func withoutCertificate() async throws {
    let scene = try PeerScene()
    let server = try PeerServer.onLoopback(
      scene.host("b"),
      HeldHandler(scene),
      bounds: PeerBounds(stranger_ms: 200)
    )
    let directory = try TemporaryDirectory()
    try await server.serving { address in
      let client = try ForeignClient(address, in: directory)
      try await server.counts.reach("strangers_expired")
      try client.waitForEnd()
      #expect(server.counts.snapshot["handshakes_expired"] == nil)
    }
  }

  @Test("a host's connections are as many as are allowed, and stand")
  func perAddress() async throws {
    let scene = try PeerScene()
    let identity = try scene.identity("a")
    let bounds = PeerBounds(perAddress: 2, stranger_ms: 100)
    let server = try PeerServer.onLoopback(scene.host("b"), HeldHandler(scene), bounds: bounds)
    let directories = [try TemporaryDirectory(), try TemporaryDirectory()]
    try await server.serving { address in
      let clients = try directories.map { try ForeignClient(address, identity: identity, in: $0) }
      // What the server says of itself shows that both are through.
      for client in clients {
        while client.program.output.text.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
      }
      let third = try SilentClient(address)
      #expect(third.isClosed(within: 10_000))
      #expect(clients.allSatisfy { $0.program.exitCode == nil })
      #expect(server.counts.snapshot["connections_refused"] == 1)
    }
  }

  @Test("a host's connection ends with its certificate")
  func expiring() async throws {
    let scene = try PeerScene()
    let identity = try scene.identity("a", now_s: PeerTrust.now_s - AuthorityTiming.leafLife_s + 3)
    let server = try PeerServer.onLoopback(scene.host("b"), HeldHandler(scene))
    let directory = try TemporaryDirectory()
    try await server.serving { address in
      let client = try ForeignClient(address, identity: identity, in: directory)
      try await server.counts.reach("connections_expired")
      try client.waitForEnd()
    }
  }

  @Test("a host's connection ends when its root left the bundle, not when this host renews")
  func distrusting() async throws {
    let (old, new) = (try PeerScene(), try PeerScene())
    let b = try old.host("b")
    let server = PeerServer.onLoopback(b, HeldHandler(old))
    let directory = try TemporaryDirectory()
    let identity = try old.identity("a")
    let (renewed, moved) = (try old.identity("b"), try new.identity("b"))
    try await server.serving { address in
      let client = try ForeignClient(address, identity: identity, in: directory)
      while client.program.output.text.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
      try b.update(identity: renewed, bundle: old.authority.bundle)
      #expect(client.program.exitCode == nil)
      try b.update(identity: moved, bundle: new.authority.bundle)
      try await server.counts.reach("connections_distrusted")
      try client.waitForEnd()
    }
  }

  @Test("streams of one connection beyond the bound are refused, and the others go on")
  func streams() async throws {
    let scene = try PeerScene()
    let a = try scene.host("a")
    let server = try PeerServer.onLoopback(scene.host("b"), HeldHandler(scene), bounds: PeerBounds(streams: 1))
    try await server.serving { address in
      let seen = PeerDialer.Seen()
      let transport = try PeerDialer.transport(address, as: a.now, host: nil, seen: seen)
      try await withGRPCClient(transport: transport) { client in
        let peers = Weft_Peer_V1_Peers.Client(wrapping: client)
        let (hold, end) = AsyncStream<Void>.makeStream()
        try await peers.exchange(
          requestProducer: { writer in
            try await writer.write(Hello.frame(a, seen.ends(ownLeaf: a.now.leaf)))
            for await _ in hold {}
          },
          onResponse: { response in
            for try await _ in response.messages {
              // The other side has said hello: this stream stands.
              await #expect(throws: RPCError.self) { _ = try await peers.trust(.init()) }
              end.finish()
            }
          }
        )
        _ = try await peers.trust(.init())
      }
      #expect(server.counts.snapshot["streams_refused"] == 1)
    }
  }
}
