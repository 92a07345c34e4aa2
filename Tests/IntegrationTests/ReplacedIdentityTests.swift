import Foundation
import MeshModel
import Synchronization
import Testing
import WeftTestKit

extension MeshScene {
  /// Another proxy in the place of one, which ends well.
  func successor(of proxy: ProxyUnderTest, _ account: String, _ labels: String) throws -> ProxyUnderTest {
    var options = ProxyUnderTest.Options("--agent", scene.agent.socket, "--service-account", account, "--replace")
    options.arguments += ["--labels", labels]
    options.name = proxy.name
    options.runDirectory = proxy.runDirectory
    guard let pod = proxy.program.command.pod else { throw TestKitError("\(proxy.name) runs in no pod") }
    let next = try ProxyUnderTest(in: pod, options)
    #expect(try proxy.program.waitForExit() == 0)
    return next
  }
}

@Suite("A proxy that is replaced hands its identity over")
struct ReplacedIdentityTests {
  @Test("and without an agent meshed requests go on over mutual TLS, not one of them refused, at either end")
  func withoutAgent() throws {
    let mesh = try MeshScene()
    _ = try mesh.web { _ in .ok("hello") }
    let url = "http://\(try mesh.scene.address(of: "web"))/"
    #expect(try mesh.scene.get(url) == "hello 200")
    try mesh.scene.agent.crash()
    let traffic = RequestsUntilOver(from: mesh.scene.pods.client, to: url)
    let client = try mesh.successor(of: mesh.scene.client, "shop", "app=client")
    let server = try mesh.successor(of: mesh.scene.server, "web", "app=web")
    traffic.end()
    #expect(try mesh.scene.get(url) == "hello 200")
    let answers = try traffic.answers()
    #expect(answers == ["hello 200"], "\(answers)")
    let near = try client.record("of the peer") { $0["EVENT"] == "peer-connected" }
    #expect(near["PEER_IDENTITY"] == MeshScene.web && near["TLS_VERSION"] == "TLSv1.3")
    let far = try server.record("of the peer") { $0["EVENT"] == "peer-connected" }
    #expect(far["PEER_IDENTITY"] == MeshScene.shop)
    let told = try client.record("of its identity") { $0["EVENT"] == "identity-given" }
    #expect(told.message.hasPrefix("this proxy is \(MeshScene.shop) for ") && told.message.contains("replaces"))
    let handed = try mesh.scene.client.record("of what it handed over") {
      $0["EVENT"] == "identity-given" && $0.message.contains("was handed \(MeshScene.shop) over")
    }
    #expect(handed.message.hasPrefix("pid \(client.program.pid), "))
    for name in try FileManager.default.contentsOfDirectory(atPath: client.runDirectory.path) {
      guard let text = FileManager.default.contents(atPath: client.runDirectory.file(name)) else { continue }
      // id-ecPublicKey (RFC 5480 section 2.1.1), which every key of ours is of, as certificates are.
      #expect(text.range(of: Data([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01])) == nil, "\(name)")
    }
    try mesh.scene.agent.restart()
    try ProxyIdentityScene.await("one of its own from the agent that is back", client) {
      $0.renewals > 0 && $0.lastProblem == nil && $0.spiffeID == MeshScene.shop
    }
    #expect(try mesh.scene.get(url) == "hello 200")
  }

  @Test("and what it knew of who comes: plain text that was refused is refused on, with no agent to ask")
  func sources() throws {
    let mesh = try MeshScene()
    let web = try mesh.web { _ in .ok("hello") }
    try mesh.meshClient()
    let url = "http://\(web.address)/"
    try eventually("it is refused", within: .seconds(60)) { try mesh.plain(url).output == " 000" }
    try mesh.scene.agent.crash()
    let seen = web.requests.count
    let server = try mesh.successor(of: mesh.scene.server, "web", "app=web")
    #expect(try mesh.plain(url).output == " 000")
    try server.record("of the refusal") { $0["EVENT"] == "connection-denied" && $0["REASON"] == "unidentified" }
    #expect(web.requests.count == seen)
  }

  @Test("which lasts until the agent says that this process is nobody")
  func agentSaysOtherwise() throws {
    let scene = try ProxyIdentityScene()
    let id = try scene.register("web", scene.pods.client)
    let first = try scene.proxy("--service-account", "web")
    try scene.agent.crash()
    var options = ProxyUnderTest.Options("--agent", scene.agent.socket, "--namespace", "shop", "--replace")
    options.arguments += ["--service-account", "web"]
    options.name = first.name
    options.runDirectory = first.runDirectory
    let next = try ProxyUnderTest(in: scene.pods.client, options)
    #expect(try ProxyIdentityScene.identity(next).spiffeID == id)
    // An agent that begins anew, and knows of no workload.
    try FileManager.default.removeItem(atPath: scene.agent.directory.file("data"))
    try scene.agent.restart()
    try ProxyIdentityScene.await("that it is gone", next) { $0.spiffeID == nil }
    let told = try next.record("that it is gone") { $0["EVENT"] == "identity-missing" }
    #expect(told.message.hasPrefix("the agent took this proxy's identity back, new sessions have none"), "\(told)")
  }

  @Test("to its own user in its own pod, and to nobody else: not to root, not to that user in another pod")
  func toWhom() throws {
    let scene = try ProxyIdentityScene()
    try scene.register("web", scene.pods.client)
    let proxy = try scene.proxy("--service-account", "web")
    // The name of the answer alone: a key is in the rest.
    func ask(in pod: Pod, as user: UInt32) throws -> String {
      let ask = "curl -sS --http0.9 --unix-socket '\(proxy.adminSocket)' http://proxy/v1/identity | head -c 13"
      let become = ["--reuid=\(user)", "--regid=\(user)", "--clear-groups", "/bin/sh", "-c", ask]
      return try Command("setpriv", become).with(\.pod, pod).run().orThrow().output
    }
    #expect(try ask(in: scene.pods.client, as: ProxyUnderTest.uid) == "weft identity")
    // It is told by a thread of its own, which may be late.
    try proxy.record("of what it handed over") { $0.message.contains("was handed") }
    #expect(try ask(in: scene.pods.server, as: ProxyUnderTest.uid).contains("error"))
    #expect(try ask(in: scene.pods.client, as: 0).contains("error"))
    #expect(proxy.records.filter { $0.message.contains("was handed") }.count == 1)
  }
}

/// Requests one after the other on a thread of its own, until it is ended; each answer that it got, once.
private final class RequestsUntilOver: Sendable {
  private let seen = Mutex<Set<String>>([])
  private let isOver = Flag()
  private let isDone = Flag()

  init(from pod: Pod, to url: String) {
    Thread.detachNewThread { [self] in
      while !isOver.isRaised {
        let outcome = try? Command("curl", ["-gsS", "--max-time", "20", "-w", " %{http_code}", url]).with(\.pod, pod)
          .run()
        seen.withLock { _ = $0.insert(outcome?.output ?? "curl could not be run") }
      }
      isDone.raise()
    }
  }

  func end() { isOver.raise() }

  func answers() throws -> Set<String> {
    try eventually("the requests to stop") { isDone.isRaised }
    return seen.withLock { $0 }
  }
}
