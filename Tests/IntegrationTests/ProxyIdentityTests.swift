import Foundation
import Glibc
import MeshModel
import Testing
import WeftTestKit

/// A host with an agent, and a pod whose proxy asks it who it is.
struct ProxyIdentityScene {
  let pods: TwoPods
  let agent: AgentUnderTest

  init() throws {
    pods = try TwoPods()
    agent = try AgentUnderTest(in: pods.server)
  }

  func proxy(_ arguments: String..., in pod: Pod? = nil) throws -> ProxyUnderTest {
    var options = ProxyUnderTest.Options("--agent", agent.socket, "--namespace", "shop")
    options.arguments += arguments
    return try ProxyUnderTest(in: pod ?? pods.client, options)
  }

  /// `spiffe://weft.local/ns/shop/sa/ACCOUNT` for the proxies of these pods.
  @discardableResult
  func register(_ account: String, _ pods: Pod...) throws -> String {
    let names = pods.flatMap { ["--pod", $0.name] }
    try agent.weft(["identity", "register", "--namespace", "shop", "--service-account", account] + names).orThrow()
    return "spiffe://weft.local/ns/shop/sa/\(account)"
  }

  /// What the proxy says of its identity.
  static func identity(_ proxy: ProxyUnderTest) throws -> IdentityStatus {
    let status = try JSONDecoder().decode(ProxyStatus.self, from: Data(proxy.admin("/v1/status").utf8))
    guard let identity = status.identity else { throw TestKitError("no identity in \(status)") }
    return identity
  }

  /// Waits until what the proxy says of its identity is as it should be.
  @discardableResult
  static func await(
    _ what: String,
    _ proxy: ProxyUnderTest,
    _ holds: (IdentityStatus) -> Bool
  ) throws -> IdentityStatus {
    var last: IdentityStatus?
    try eventually(what) {
      let now = try identity(proxy)
      last = now
      return holds(now)
    }
    guard let last else { throw TestKitError(what) }
    return last
  }
}

@Suite("A proxy's identity")
struct ProxyIdentityTests {
  @Test("is there when it is ready, is renewed with its roots while it runs, and is told in metrics and by weft check")
  func given() throws {
    let scene = try ProxyIdentityScene()
    let id = try scene.register("web", scene.pods.client)
    let proxy = try scene.proxy("--service-account", "web")
    let first = try ProxyIdentityScene.identity(proxy)
    #expect(first.spiffeID == id && first.roots.count == 1 && first.renewals == 1 && first.lastProblem == nil)
    #expect(try #require(first.notAfterS) > Int64(time(nil)) + 80_000)
    try proxy.record("its identity") {
      $0["EVENT"] == "identity-given" && $0.message.hasPrefix("this proxy is \(id) for 2")
    }
    for (scope, roots) in [("workloads", 1), ("intermediate", 1), ("root", 2)] {
      let before = try ProxyIdentityScene.identity(proxy)
      try scene.agent.weft("identity", "rotate", "--\(scope)").orThrow()
      try ProxyIdentityScene.await("another after rotating \(scope)", proxy) {
        $0.renewals > before.renewals && $0.roots.count == roots && $0.spiffeID == id
      }
    }
    let metrics = try proxy.get("/metrics", port: 15020).output
    #expect(try #require(Self.value("identity_cert_refreshes_total", metrics)) >= 4)
    #expect(metrics.contains("weft_identity_failures_total 0\n"))
    #expect(try #require(Self.value("weft_identity_expiry_seconds", metrics)) > 80_000)
    let check = try Command(
      try Binaries.path("weft"),
      ["check", "--run-directory", proxy.runDirectory.path, "--proxy", proxy.name]
    ).run().orThrow()
    #expect(check.output.contains("identity    \(id), for "), "\(check)")
    #expect(check.output.contains("believes 2 roots"), "\(check)")
  }

  private static func value(_ metric: String, _ page: String) -> Int? {
    let line = page.split(separator: "\n").first { $0.hasPrefix("\(metric) ") }
    return line?.split(separator: " ").last.flatMap { Int($0) }
  }

  @Test("is kept when the agent is gone, in memory alone, and renewed when it is back")
  func agentGone() throws {
    let scene = try ProxyIdentityScene()
    let id = try scene.register("web", scene.pods.client)
    let proxy = try scene.proxy("--service-account", "web")
    let before = try ProxyIdentityScene.identity(proxy)
    try scene.agent.crash()
    let without = try ProxyIdentityScene.await("that the agent is gone", proxy) { $0.lastProblem != nil }
    #expect(without.spiffeID == id && without.notAfterS == before.notAfterS)
    #expect(!proxy.records.contains { $0["EVENT"] == "identity-missing" }, "that the agent is lost is told already")
    for name in try FileManager.default.contentsOfDirectory(atPath: proxy.runDirectory.path) {
      guard let text = FileManager.default.contents(atPath: proxy.runDirectory.file(name)) else { continue }
      // id-ecPublicKey (RFC 5480 section 2.1.1), which every key of ours is of, as certificates are.
      #expect(text.range(of: Data([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01])) == nil, "\(name)")
    }
    try scene.agent.restart()
    try ProxyIdentityScene.await("another certificate", proxy) {
      $0.renewals == before.renewals + 1 && $0.lastProblem == nil && $0.spiffeID == id
    }
  }

  @Test("is none after it was taken back from its pod, alone, and there again when it is given again")
  func takenBack() throws {
    let scene = try ProxyIdentityScene()
    let id = try scene.register("web", scene.pods.client, scene.pods.server)
    let proxy = try scene.proxy("--service-account", "web")
    let other = try scene.proxy("--service-account", "web", in: scene.pods.server)
    try scene.agent.weft(
      "identity",
      "unregister",
      "--namespace",
      "shop",
      "--service-account",
      "web",
      "--pod",
      scene.pods.client.name
    ).orThrow()
    try ProxyIdentityScene.await("that it is gone", proxy) { $0.spiffeID == nil }
    let told = try proxy.record("that it is gone") { $0["EVENT"] == "identity-missing" }
    #expect(told.message.hasPrefix("the agent took this proxy's identity back, new sessions have none"))
    #expect(try ProxyIdentityScene.identity(other).spiffeID == id)
    try scene.register("web", scene.pods.client)
    try ProxyIdentityScene.await("it again", proxy) { $0.spiffeID == id }
    #expect(try ProxyIdentityScene.identity(other).spiffeID == id)
  }

  @Test("is not given to the proxy of another pod, whose journal says once what to do, and then does it")
  func otherPod() throws {
    let scene = try ProxyIdentityScene()
    try scene.register("web", scene.pods.server)
    let proxy = try scene.proxy("--service-account", "web")
    let told = try proxy.record("that it has none") { $0["EVENT"] == "identity-missing" }
    #expect(
      told.message.contains("network namespace \(scene.pods.client.name) matches no registered workload"),
      "\(told)"
    )
    #expect(
      told.message.contains("weft identity register --pod POD --namespace shop --service-account web, where POD is"),
      "\(told)"
    )
    try ProxyIdentityScene.await("that it has asked again", proxy) { $0.spiffeID == nil && $0.lastProblem != nil }
    try scene.register("web", scene.pods.client)
    try ProxyIdentityScene.await("its identity", proxy) { $0.spiffeID != nil }
    #expect(proxy.records.filter { $0["EVENT"] == "identity-missing" }.count == 1)
  }

  @Test("is the one of its namespace and account, of several that it is given")
  func several() throws {
    let scene = try ProxyIdentityScene()
    let id = try scene.register("web", scene.pods.client)
    let other = try scene.register("db", scene.pods.client)
    let proxy = try scene.proxy("--service-account", "web")
    #expect(try ProxyIdentityScene.identity(proxy).spiffeID == id)
    let told = try proxy.record("its identity") { $0["EVENT"] == "identity-given" }
    #expect(told.message.hasSuffix("not used are \(other), which it gives as well"))
    let stranger = try scene.proxy("--service-account", "nobody", in: scene.pods.server)
    let missing = try stranger.record("that it has none") { $0["EVENT"] == "identity-missing" }
    #expect(missing.message.contains("matches no registered workload"), "\(missing)")
    try scene.register("web", scene.pods.server)
    try ProxyIdentityScene.await("what it was given", stranger) {
      $0.lastProblem?.contains("the agent gives \(id), and not /ns/shop/sa/nobody") == true
    }
  }

  @Test("needs a name that a SPIFFE ID can have")
  func name() throws {
    for name in ["", "a/b", "..", "ä"] {
      let outcome = try Command(try Binaries.path("weft-proxy"), ["--service-account", name]).run()
      #expect(outcome.code == 2 && outcome.error.contains("--service-account"), "\(outcome)")
    }
  }
}
