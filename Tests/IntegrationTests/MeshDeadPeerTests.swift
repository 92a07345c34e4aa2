import Foundation
import MeshModel
import Testing
import WeftTestKit

/// A host without power, as far as others can tell: nothing that is sent to it is ever acknowledged.
@Suite("A proxy one of whose two peers is gone without a word")
struct MeshDeadPeerTests {
  private let mesh: MeshScene
  private let servers: [ScriptedServer]
  private let url: String
  private var pods: TwoPods { mesh.scene.pods }

  init() throws {
    mesh = try MeshScene()
    let ends = mesh.scene.pods.serverEnd
    var servers: [ScriptedServer] = []
    for (instance, ip) in [("four", ends.v4), ("six", ends.v6)] {
      servers.append(try ScriptedServer(in: mesh.scene.pods.server, on: ip, port: 8080) { _ in .ok(instance) })
      try mesh.scene.register("web", port: "http:8080", at: ip, "--instance", instance, "--service-account", "web")
    }
    self.servers = servers
    try mesh.awaitMeshed("web")
    url = "http://\(try mesh.scene.address(of: "web")):8080"
  }

  /// Asks until both have been met through their proxy, and one of them was then chosen twice in a row: that one.
  private func preferred() throws -> String {
    var met: Set<String> = []
    var last = ""
    return try eventually("both are asked through their proxy") {
      let answer = try mesh.scene.get("\(url)/")
      defer { last = answer }
      met.insert(answer)
      guard met.isSuperset(of: ["four 200", "six 200"]), answer == last else { return nil }
      return Set(try mesh.scene.client.peers().map(\.address.ip)).count == 2 ? answer : nil
    }
  }

  @Test("costs what is under way ten seconds, and whoever comes after nothing")
  func halfDead() throws {
    // Whom it would choose next is the one that dies, so that a request is on its way there.
    let (tables, dead) =
      try preferred() == "four 200"
      ? ("iptables", "\(pods.serverEnd.v4):") : ("ip6tables", "[\(pods.serverEnd.v6)]:")
    for (chain, port) in [("INPUT", "--dport"), ("OUTPUT", "--sport")] {
      try pods.server.run(tables, "-I", chain, "-p", "tcp", port, "15008", "-j", "DROP").orThrow()
    }
    let asked = mesh.scene.client.records.count
    var answers: [String] = []
    for number in 0..<20 { answers.append(try mesh.scene.get("\(url)/\(number)", "-o", "/dev/null")) }
    // What was under way to the dead one when nobody knew is all that may fail: it may have been slow, and not dead.
    #expect(answers.filter { $0 != " 200" }.count <= 2, "\(answers)")
    #expect(answers.suffix(10).allSatisfy { $0 == " 200" }, "\(answers)")
    let durations = mesh.scene.client.records.dropFirst(asked).filter { $0["EVENT"] == "request" }
      .compactMap { $0["DURATION_US"].flatMap { Int($0) } }
    // Ten seconds without an acknowledgement (decision 0080) are paid once; whoever comes after goes to the other.
    #expect(durations.filter { $0 > 5_000_000 }.count <= 2, "\(durations)")
    // Where chance chose otherwise, it is chosen when what is known of both has grown old.
    try eventually("the dead peer is told of", within: .seconds(120)) {
      _ = try mesh.scene.get("\(url)/more", "-o", "/dev/null")
      return mesh.scene.client.records.contains {
        ["peer-ended", "peer-refused"].contains($0["EVENT"]) && $0["PEER"]?.hasPrefix(dead) == true
      }
    }
    withExtendedLifetime(servers) {}
  }
}
