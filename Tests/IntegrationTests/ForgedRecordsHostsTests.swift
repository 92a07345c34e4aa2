import AgentStore
import Authority
import Foundation
import MeshModel
import Testing
import WeftTestKit

@testable import PeerService
@testable import Replication

/// Three hosts, the third of which is taken over: who has its disk has its key, its certificate and all records, and says what it likes
/// to the first.
@Suite("A host of the mesh that lies", .timeLimit(.minutes(3)))
struct ForgedRecordsHostsTests {
  /// Names that are nowhere on a disk but for their records.
  private static let (service, firsts) = ("what-the-second-has", "what-the-first-has")
  private let scene: HostsScene
  private let directory: TemporaryDirectory
  private let address: String

  init() throws {
    scene = try HostsScene(3)
    directory = try TemporaryDirectory()
    address = "\(scene.link.ends[1].v4):8080"
    try scene.agents[1].weft("register", "--name", Self.service, "--port", "8080").orThrow()
    try scene.agents[0].weft("register", "--name", Self.firsts, "--port", "8081").orThrow()
    for host in 0..<3 { try eventually("host \(host + 1) knows the endpoint") { try scene.knows(host, address) } }
    // What a host knows of others it may write down later than it uses it.
    let data = scene.agents[2].directory.file("data")
    for name in [Self.service, Self.firsts] {
      try eventually("the third host has \(name) on its disk") {
        try FileManager.default.contentsOfDirectory(atPath: data).contains { file in
          FileManager.default.contents(atPath: "\(data)/\(file)")?.range(of: Data(name.utf8)) != nil
        }
      }
    }
    try scene.agents[2].crash()
  }

  /// What the third host had on its disk.
  private struct Loot {
    let trust: PeerTrust
    let sets: [StoredOwner]

    init(_ path: String) throws {
      let store = try AgentStore.open(directory: path)
      defer { try? store.close() }
      let key = try HostKey(decoding: SecretBytes(try #require(try store.keys.read("host.key"))))
      let bundle = try TrustBundle(decoding: try #require(try store.setting("bundle")))
      let credential = try #require(try store.setting("credential"))
      var parts: [[UInt8]] = []
      let file = try #require(try store.keys.read("host-identity.key"))
      var rest = file[...]
      while rest.count > 2 {
        let count = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
        parts.append(Array(rest.dropFirst(2).prefix(count)))
        rest = rest.dropFirst(2 + count)
      }
      var random = SystemRandomNumberGenerator()
      let chain = try IssuedCertificate(chain: Array(parts.dropFirst()), using: &random)
      trust = try PeerTrust(
        owner: OwnerCredential(decoding: credential).owner,
        credential: credential,
        keyring: AgentKeyring(key: key, trustDomain: bundle.trustDomain, roots: bundle.roots),
        identity: Identity(chain, key: SecretBytes(parts[0])),
        bundle: bundle
      )
      sets = try store.owners()
    }

    func set(of name: String) throws -> StoredOwner { try #require(sets.first { $0.head.owner.name == name }) }
  }

  /// A way from this process, which is in no pod, to the first host's port: from the third host's pod.
  private func relay() throws -> (program: RunningProgram, address: SocketAddress) {
    let script = try directory.write(
      "relay",
      "#!/bin/sh\nexec nsenter --net=\(scene.link.pods[2].path) socat STDIO TCP4:\(scene.link.ends[0].v4):15012\n"
    )
    chmod(script, 0o755)
    for _ in 0..<8 {
      // Below the ports that the kernel gives out; whoever has this one already makes another be tried.
      let port = UInt16.random(in: 20_000..<32_000)
      let listen = "TCP-LISTEN:\(port),bind=127.0.0.1,fork,reuseaddr"
      let program = try Command("socat", ["-d", "-d", listen, "EXEC:\(script)"]).start()
      guard (try? program.error.await("listening on")) != nil else { continue }
      return (program, SocketAddress(IPAddress(v4: 0x7f00_0001), port: port))
    }
    throw TestKitError("no port is free on loopback")
  }

  /// All of a set, as the answer of who has it.
  private func announcement(_ set: StoredOwner, head: Head, credential: [UInt8]? = nil) -> Message {
    .announcement(
      Announcement(
        hops: 0,
        section: Section(
          head: head,
          credential: credential ?? set.credential,
          whole: true,
          after: .zero,
          more: false,
          records: set.records.sorted { $0.version < $1.version }
        )
      )
    )
  }

  /// A head some writes later than another, more than its owner may have made meanwhile, by whoever signs.
  private func later(_ head: Head, of owner: OwnerID, by keyring: (any Keyring)?) -> Head {
    var made = Head(
      owner: owner,
      last: Version(epoch: head.last.epoch, sequence: head.last.sequence + 1_000),
      past: head.past,
      floor: head.floor,
      count: head.count,
      digest: head.digest,
      signature: head.signature
    )
    if let keyring { made.signature = keyring.sign(made.signedBytes) ?? [] }
    return made
  }

  @Test(
    "for another's records is refused, counted and named; what it repeats of them counts for nothing; the others go on"
  )
  func lies() throws {
    let loot = try Loot(scene.agents[2].directory.file("data"))
    let (first, victim) = (try loot.set(of: "h1").head.owner, try loot.set(of: "h2"))
    let relay = try relay()
    let clients = PeerClients(trust: loot.trust, receive: { _, _ in })
    defer { clients.close() }
    clients.update(peer: first, address: relay.address)
    func says(_ message: Message, _ reason: String) throws {
      let before = try scene.count(0, "records_refused_\(reason)")
      // What is said before the link stands may be lost.
      try eventually("it is refused as \(reason)") {
        clients.send(message, to: first)
        return try scene.count(0, "records_refused_\(reason)") > before
      }
    }
    let head = victim.head
    try says(announcement(victim, head: later(head, of: head.owner, by: nil)), "badSignature")
    try says(announcement(victim, head: later(head, of: head.owner, by: loot.trust.keyring)), "badSignature")
    // Of the victim's name, with the thief's own key and credential.
    let impostor = OwnerID(name: "h2", key: loot.trust.owner.key)
    try says(
      announcement(victim, head: later(head, of: impostor, by: loot.trust.keyring), credential: loot.trust.credential),
      "notAdmitted"
    )
    try scene.agents[0].program.error.await("a record was refused: ")

    // What was true once is not made true again.
    try scene.agents[1].weft("deregister", Self.service).orThrow()
    try eventually("the first host has forgotten the endpoint") { try !scene.knows(0, address) }
    let stale = try scene.count(0, "records_stale")
    try eventually("what is repeated is counted") {
      clients.send(announcement(victim, head: head), to: first)
      return try scene.count(0, "records_stale") > stale
    }
    #expect(try !scene.knows(0, address))
    #expect(try HostsScene.members(scene.agents[0]).filter { $0.name == "h2" }.count == 1)
    try scene.agents[1].weft("register", "--name", "late", "--port", "8081").orThrow()
    try eventually("the second host's records go on") { try scene.knows(0, "\(scene.link.ends[1].v4):8081") }
    withExtendedLifetime(relay.program) {}
  }
}
