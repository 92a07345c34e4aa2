import Authority
import MeshModel
import Replication
import Testing

@testable import PeerService

@Suite("An agent's hello", .timeLimit(.minutes(1)))
struct PeerSpeakerTests {
  @Test("tells a copy of a host from the host itself, and from another host of its name")
  func copies() async throws {
    let scene = try PeerScene()
    let host = try scene.host("h2")
    let copy = try PeerTrust(
      owner: host.owner,
      credential: host.credential,
      keyring: host.keyring,
      identity: host.now.identity,
      bundle: scene.authority.bundle
    )
    let namesake = try scene.host("h2")
    for (agent, isCopy) in [(copy, true), (host, false), (namesake, false)] {
      let server = PeerServer.onLoopback(agent, HeldHandler(scene))
      try await server.serving { address in
        let speaker = try await PeerCalls(trust: host).speaker(at: address)
        #expect(speaker.owner == agent.owner && speaker.run == agent.run)
        #expect(speaker.isCopy(of: host) == isCopy)
        // The other side hears of it by the same hello: gossip does not tell it.
        if isCopy { try await server.counts.reach("copies_met") }
      }
      #expect((server.counts.snapshot["copies_met"] != nil) == isCopy)
    }
  }
}
