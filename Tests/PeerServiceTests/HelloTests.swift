import Authority
import MeshAPI
import MeshModel
import Replication
import Testing

@testable import PeerService

@Suite("A hello")
struct HelloTests {
  private let scene: PeerScene
  private let a: PeerTrust
  private let b: PeerTrust

  init() throws {
    scene = try PeerScene()
    a = try scene.host("a")
    b = try scene.host("b")
  }

  /// The connection between both as `a` sees it, and as `b` does.
  private var ends: (a: PeerEnds, b: PeerEnds) {
    (
      PeerEnds(host: "b", ownLeaf: a.now.leaf, peerLeaf: b.now.leaf),
      PeerEnds(host: "a", ownLeaf: b.now.leaf, peerLeaf: a.now.leaf)
    )
  }

  /// Whom `b` takes the speaker for; nil where it refuses.
  private func heard(_ frame: Weft_Peer_V1_Frame?, _ ends: PeerEnds? = nil) -> OwnerID? {
    (try? Hello.speaker(frame, b, ends ?? self.ends.b))?.owner
  }

  @Test("speaks for the owner of the host's name, on this very connection alone")
  func connection() throws {
    let frame = try Hello.frame(a, ends.a)
    #expect(heard(frame) == a.owner)
    let other = PeerTrust.digest([1])
    let elsewhere = [
      PeerEnds(host: "a", ownLeaf: other, peerLeaf: a.now.leaf),
      PeerEnds(host: "a", ownLeaf: b.now.leaf, peerLeaf: other),
      PeerEnds(host: "a", ownLeaf: a.now.leaf, peerLeaf: b.now.leaf),
      PeerEnds(host: "c", ownLeaf: b.now.leaf, peerLeaf: a.now.leaf),
    ]
    for ends in elsewhere { #expect(heard(frame, ends) == nil, "\(ends)") }
    #expect(heard(nil) == nil && heard(Weft_Peer_V1_Frame()) == nil)
  }

  @Test("needs the key of the owner that it speaks for, whoever has its credential, which everybody has seen")
  func otherKey() throws {
    let thief = try PeerTrust(
      owner: a.owner,
      credential: a.credential,
      keyring: AgentKeyring(key: HostKey(), trustDomain: scene.domain, roots: scene.authority.bundle.roots),
      identity: scene.identity("a"),
      bundle: scene.authority.bundle
    )
    let ends = PeerEnds(host: "b", ownLeaf: thief.now.leaf, peerLeaf: b.now.leaf)
    let frame = try Hello.frame(thief, ends)
    #expect(heard(frame, PeerEnds(host: "a", ownLeaf: b.now.leaf, peerLeaf: thief.now.leaf)) == nil)
  }

  @Test("needs an owner that a root of the mesh has admitted")
  func stranger() throws {
    let other = try PeerScene().host("a")
    let ends = PeerEnds(host: "b", ownLeaf: other.now.leaf, peerLeaf: b.now.leaf)
    let frame = try Hello.frame(other, ends)
    #expect(heard(frame, PeerEnds(host: "a", ownLeaf: b.now.leaf, peerLeaf: other.now.leaf)) == nil)
  }
}
