import Foundation
import MeshModel
import Testing
import WeftTestKit

@Suite("A second authority")
struct AuthorityHostsTests {
  /// What a program on that host is given, once OpenSSL has verified the chain; and whose key its intermediate names.
  private func given(_ scene: HostsScene, _ account: String, on host: Int) throws -> (leaf: String, issuer: String) {
    let identity = try scene.fetch(account, on: host).said(GivenIdentity.self)
    #expect(identity.id == "spiffe://weft.local/ns/default/sa/\(account)")
    let directory = try TemporaryDirectory()
    for (name, text) in [
      ("leaf", identity.leaf), ("intermediates", identity.intermediates), ("bundle", identity.bundle),
    ] {
      try directory.write(name, text)
    }
    for purpose in ["sslclient", "sslserver"] {
      try Command(
        "openssl",
        [
          "verify", "-x509_strict", "-purpose", purpose, "-no-CApath", "-no-CAstore", "-CAfile",
          directory.file("bundle"), "-untrusted", directory.file("intermediates"), directory.file("leaf"),
        ]
      ).run().orThrow()
    }
    let subject = try Command("openssl", ["x509", "-in", directory.file("intermediates"), "-noout", "-subject"]).run()
    return (identity.leaf, try subject.orThrow().output)
  }

  /// The first digits of that host's key, by which its intermediate names it.
  private func key(_ scene: HostsScene, _ host: Int) throws -> String {
    let members = try HostsScene.members(scene.agents[host])
    return try #require(members.first { $0.name == "h\(host + 1)" }).fingerprint
  }

  @Test("signs, renews and lets hosts in while the one with the root is dead, also after a restart of its own")
  func signing() throws {
    let scene = try HostsScene(3, pods: 1)
    try scene.grant(1)
    let second = try key(scene, 1)
    try scene.agents[0].crash()
    let first = try given(scene, "shop", on: 2)
    #expect(first.issuer.contains(second), "\(first.issuer) is not of the second host's key, \(second)")
    try scene.agents[2].weft("identity", "rotate", "--workloads").orThrow()
    let next = try given(scene, "shop", on: 2)
    #expect(next.leaf != first.leaf && next.issuer == first.issuer)

    let address = "\(scene.link.ends[3].v4):8080"
    let token = try scene.token(of: 1)
    try scene.join(3, token)
    try scene.agents[3].weft("register", "--name", "web", "--port", "8080").orThrow()
    for host in [1, 2] {
      try eventually("host \(host + 1) knows what the new one registers") { try scene.knows(host, address) }
    }
    #expect(try given(scene, "late", on: 3).issuer.contains(second))
    #expect(try scene.refusedJoin(in: scene.link.pods[3], token, name: "h5").error.contains("has been used"))

    try scene.agents[1].crash()
    try scene.agents[1].restart()
    for host in [2, 3] {
      try eventually("host \(host + 1) sees it again", within: .seconds(30)) {
        try HostsScene.members(scene.agents[host]).contains { $0.name == "h2" && $0.isAlive && $0.isAuthority }
      }
    }
    #expect(try given(scene, "later", on: 2).issuer.contains(second))
    try eventually("it has the records again") { try scene.knows(1, address) }
  }

  @Test(
    "loses the role when it is revoked: what it signed is replaced, and whom it let in stays where the root confirmed it"
  )
  func revoked() throws {
    let scene = try HostsScene(3, pods: 1)
    try scene.grant(1)
    let second = try key(scene, 1)
    let address = { (port: Int) in "\(scene.link.ends[3].v4):\(port)" }
    try scene.agents[0].crash()
    try scene.join(3, scene.token(of: 1))
    // Until its agent has met the mesh, its programs are told to ask again.
    try eventually("the new host's programs are served") { try scene.fetch("shop", on: 3).succeeded }
    #expect(try given(scene, "shop", on: 3).issuer.contains(second))
    try scene.agents[0].restart()
    try eventually("the root confirms the new host", within: .seconds(60)) {
      try scene.count(0, "peers_confirmations") == 1
    }
    try scene.agents[0].weft("authority", "revoke", "h2").orThrow()
    for host in 0..<4 {
      try eventually("host \(host + 1) hears of it") {
        try scene.authorities(host).contains { $0.name == "h2" && $0.status == "revoked" }
      }
    }
    try eventually("it lets nobody in any more") {
      try scene.agents[1].weft("token", "create").error.contains("this host is no authority")
    }
    try eventually("what it signed is replaced") { try !given(scene, "shop", on: 3).issuer.contains(second) }
    try scene.agents[3].weft("register", "--name", "web", "--port", "8081").orThrow()
    try scene.agents[1].weft("register", "--name", "old", "--port", "8082").orThrow()
    for host in 0..<3 {
      try eventually("host \(host + 1) goes on hearing of the one that it let in") {
        try scene.knows(host, address(8081))
      }
      try eventually("host \(host + 1) goes on hearing of it") {
        try scene.knows(host, "\(scene.link.ends[1].v4):8082")
      }
    }
    try scene.agents[0].crash()
    let late = try scene.fetch("late", on: 2)
    #expect(!late.succeeded && (late.output + late.error).contains("no host"), "\(late)")
  }

  @Test("hears that it lost the role though nobody could tell it in time: the others refuse it, and it asks by its key")
  func revokedUnheard() throws {
    let scene = try HostsScene(3)
    try scene.grant(1)
    let pod = scene.link.pods[1]
    // Agents do not reach it any more, nor it them, and its streams break. Gossip goes on, so nobody is taken for dead.
    func reject(_ change: String) throws {
      for (chain, side) in [("INPUT", "--dport"), ("INPUT", "--sport"), ("OUTPUT", "--dport"), ("OUTPUT", "--sport")] {
        let rule = [
          "--wait", "20", change, chain, "-p", "tcp", side, "15012", "-j", "REJECT", "--reject-with", "tcp-reset",
        ]
        try Command("iptables", rule).with(\.pod, pod).run().orThrow()
      }
    }
    try reject("-A")
    try Command("ss", ["-K", "-t", "( dport = :15012 or sport = :15012 )"]).with(\.pod, pod).run().orThrow()
    try scene.agents[0].weft("authority", "revoke", "h2").orThrow()
    // Longer than the others let it be told: what they do then nobody can see from outside.
    Thread.sleep(forTimeInterval: 4)
    #expect(try !scene.authorities(1).contains { $0.status == "revoked" })
    try reject("-D")
    try eventually("it hears what happened", within: .seconds(30)) {
      try scene.authorities(1).contains { $0.name == "h2" && $0.status == "revoked" }
    }
    #expect(try scene.agents[1].weft("token", "create").error.contains("this host is no authority"))
    try scene.agents[1].weft("register", "--name", "web", "--port", "8080").orThrow()
    for host in [0, 2] {
      try eventually("host \(host + 1) hears of it") { try scene.knows(host, "\(scene.link.ends[1].v4):8080") }
    }
  }

  @Test("has whom it let in confirmed by the root within seconds of the return of the host that has it")
  func confirmed() throws {
    let scene = try HostsScene(2, pods: 1)
    try scene.grant(1)
    try scene.agents[0].crash()
    try scene.join(2, scene.token(of: 1))
    try eventually("the new host is in the mesh") {
      try HostsScene.members(scene.agents[2]).contains { $0.name == "h2" }
    }
    for host in [1, 2] {
      try eventually("host \(host + 1) sees that the first is away") {
        try !HostsScene.members(scene.agents[host]).contains { $0.name == "h1" && $0.isAlive }
      }
    }
    try scene.agents[0].restart()
    try eventually("the new host sees the first again") {
      try HostsScene.members(scene.agents[2]).contains { $0.name == "h1" && $0.isAlive }
    }
    try eventually("the root confirms the new host", within: .seconds(6)) {
      try scene.count(0, "peers_confirmations") == 1
    }
  }

  @Test(
    "may lose the role while it is off, and a host, too, that it signed for: both notice that they are refused, and are of the mesh again"
  )
  func revokedWhileAway() throws {
    let scene = try HostsScene(2, pods: 1)
    try scene.grant(1)
    try scene.join(2, scene.token(of: 1))
    try eventually("the root confirms the new host") { try scene.count(0, "peers_confirmations") == 1 }
    for host in [1, 2] { try scene.agents[host].crash() }
    try scene.agents[0].weft("authority", "revoke", "h2").orThrow()
    #expect(try scene.authorities(0).contains { $0.name == "h2" && $0.status == "revoked" })
    for host in [1, 2] {
      // What it has of the mesh is as it was, so it shows the certificate of before at first.
      try scene.agents[host].restart()
      try scene.agents[host].weft("register", "--name", "web", "--port", "8080").orThrow()
    }
    for host in [1, 2] {
      try eventually("the first host hears of host \(host + 1) again", within: .seconds(45)) {
        try scene.knows(0, "\(scene.link.ends[host].v4):8080")
      }
      try eventually("host \(host + 1) has heard what happened") {
        try scene.authorities(host).contains { $0.name == "h2" && $0.status == "revoked" }
      }
    }
    try eventually("both have another certificate") { try scene.count(0, "peers_renewals") >= 2 }
    #expect(try scene.agents[1].weft("token", "create").error.contains("this host is no authority"))
  }

  @Test("is named by the one that has the root only, and must be a host of the mesh")
  func refused() throws {
    let scene = try HostsScene(2)
    func refusal(_ host: Int, _ arguments: String...) throws -> String {
      let outcome = try scene.agents[host].weft(["authority"] + arguments)
      #expect(outcome.code == 1)
      return outcome.error
    }
    #expect(try refusal(1, "grant", "h2").contains("has not the root's key"))
    #expect(try refusal(0, "grant", "nobody").contains("no host called nobody is known"))
    #expect(try refusal(0, "grant", "h1").contains("has the authority's role already"))
    #expect(try refusal(0, "revoke", "h2").contains("no host called h2 has the role"))
    #expect(try refusal(0, "revoke", "h1").contains("has the root's key, so it cannot lose the role"))
    #expect(try scene.authorities(0).map(\.name) == ["h1"])
    try eventually("the other knows it too") { try scene.authorities(1).map(\.name) == ["h1"] }
  }
}
