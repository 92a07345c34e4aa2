import Authority
import Foundation
import MeshModel
import Testing
import WeftTestKit

/// Three hosts by one clock, a client's pod with a proxy of the first host's agent, a server's of the second's, and a thief who has
/// all that the first host had on its disk before its root was changed.
final class ForgottenRootScene {
  let clocks: SkewedClocks
  let scene: HostsScene
  let client: ProxyUnderTest
  let server: ProxyUnderTest
  let web: WebServer
  let thief: AuthorityState
  /// SHA-256 of the root that the thief has the key of.
  let root: String
  let url: String
  private let directory: TemporaryDirectory

  init() throws {
    clocks = try SkewedClocks("all")
    let scene = try HostsScene(3, pods: 2, wrapper: clocks.wrapper("all"))
    self.scene = scene
    directory = try TemporaryDirectory()
    thief = try Self.authority(scene.agents[0])
    root = try #require(HostsScene.roots(scene.agents[0]).first)
    let (shop, web, end) = (scene.link.pods[3], scene.link.pods[4], scene.link.ends[4])
    try Redirect.apply(to: shop, inbound: nil)
    try Redirect.apply(to: web)
    let environment = clocks.environment("all")
    func proxy(_ account: String, _ pod: Pod, of host: Int) throws -> ProxyUnderTest {
      try scene.agents[host].weft("identity", "register", "--service-account", account, "--pod", pod.name).orThrow()
      var options = ProxyUnderTest.Options("--agent", scene.agents[host].socket, "--service-account", account)
      options.environment = environment
      let proxy = try ProxyUnderTest(in: pod, options)
      try proxy.record("its identity") { $0["EVENT"] == "identity-given" }
      return proxy
    }
    client = try proxy("shop", shop, of: 0)
    server = try proxy("web", web, of: 1)
    self.web = try WebServer(in: web, on: end.v4, port: 8080, answer: "hello")
    let service = ["--name", "web", "--port", "http:8080", "--address", "\(end.v4)", "--service-account", "web"]
    try scene.agents[1].weft(["register"] + service).orThrow()
    try eventually("the first host knows that it is meshed") {
      try scene.agents[0].weft("endpoints", "web", "-o", "json").orThrow().output.contains("\"isMeshed\" : true")
    }
    url = "http://\(try scene.virtualAddress(of: "web")):8080/"
    try shop.ip("route", "add", "default", "via", "\(end.v4)")
    try eventually("the client is served by its proxy") { try get() == "hello 200" }
  }

  func get() throws -> String {
    try Command("curl", ["-sS", "--max-time", "20", "-w", " %{http_code}", url]).with(\.pod, scene.link.pods[3]).run()
      .output
  }

  func roots(_ host: Int) throws -> [String] { try HostsScene.roots(scene.agents[host]) }

  /// Sets the clock, and starts these hosts again one after the other: who asked another that has not heard yet would ask again
  /// after ten minutes.
  func move(to hours: Int, _ hosts: [Int], expecting expected: Set<String>) throws {
    for host in hosts { try scene.agents[host].crash() }
    try clocks.set("all", hours: hours)
    for host in hosts {
      try scene.agents[host].restart()
      try eventually("host \(host + 1) has the roots of \(hours) hours later", within: .seconds(90)) {
        try Set(roots(host)) == expected
      }
    }
  }

  /// Seconds since 1970 by everybody's clock.
  func now_s(_ hours: Int) -> Int64 { Int64(Date().timeIntervalSince1970) + Int64(hours) * 3_600 }

  // MARK: Forgetting

  struct Told: Decodable {
    struct Dependents: Decodable {
      let what: String
      let count: Int
      let untilS: Int64
      let names: [String]
    }
    let outcome: String
    let dependents: [Dependents]

    func of(_ what: String) -> Dependents? { dependents.first { $0.what == what } }
  }

  /// What the first host says to forgetting the thief's root.
  func forget(_ arguments: String...) throws -> (told: Told, code: Int32) {
    let outcome = try scene.agents[0].weft(
      ["identity", "forget-root", String(root.prefix(16)), "-o", "json"] + arguments
    )
    return (try JSONDecoder().decode(Told.self, from: Data(outcome.output.utf8)), outcome.code)
  }

  /// Whether a host has the thief's root in any role.
  func remembers(_ host: Int) throws -> Bool {
    try scene.agents[host].weft("identity", "show", "-o", "json").orThrow().output.contains(root)
  }

  // MARK: The thief

  /// The authority as a host has it on disk.
  static func authority(_ agent: AgentUnderTest) throws -> AuthorityState {
    let data = agent.directory.file("data")
    let settings = try String(contentsOfFile: "\(data)/mesh.settings", encoding: .utf8)
    let line = try #require(settings.split(separator: "\n").first { $0.hasPrefix("authority ") })
    let state = try #require(Data(base64Encoded: String(line.dropFirst("authority ".count))))
    let keys = try Data(contentsOf: URL(fileURLWithPath: "\(data)/authority.key"))
    return try AuthorityState(decoding: [UInt8](state), keys: AuthorityKeys(decoding: SecretBytes([UInt8](keys))))
  }

  /// Whether the first host's port 15012 takes the certificate of a host, and the server's proxy at 15008 that of a workload, both
  /// signed at that hour.
  func isTaken(_ authority: AuthorityState, hours: Int) throws -> (agent: Bool, proxy: Bool) {
    var random = SystemRandomNumberGenerator()
    let domain = try TrustDomain("weft.local")
    let host = try files("host", authority.issue(.host(domain, name: "h2"), now_s: now_s(hours), using: &random))
    let shop = try SPIFFEID("spiffe://weft.local/ns/default/sa/shop")
    let workload = try files("workload", authority.issue(shop, now_s: now_s(hours), using: &random))
    return (
      try answers(SocketAddress(scene.link.ends[0].v4, port: 15012), host),
      try stays(SocketAddress(scene.link.ends[4].v4, port: 15008), workload)
    )
  }

  /// Whether an agent answers a call of who shows that certificate.
  private func answers(_ address: SocketAddress, _ files: [String]) throws -> Bool {
    struct Said: Decodable { var code: String? }
    let script = "\(Binaries.repository)/Tests/IntegrationTests/Programs/peer_client.py"
    let call = try [WorkloadScene.python, script, "\(address)", "call", files[0], files[1]]
    return try Command("env", Array(clocks.wrapper("all").dropFirst()) + call).with(\.pod, scene.link.pods[2])
      .run(within: .seconds(60)).said(Said.self).code == "OK"
  }

  /// Whether a connection with that certificate stands for some seconds: refusals are alerts, which come at once.
  private func stays(_ address: SocketAddress, _ files: [String]) throws -> Bool {
    let openssl = [
      "openssl", "s_client", "-connect", "\(address)", "-alpn", "h2", "-tls1_3", "-nocommands", "-cert", files[0],
      "-cert_chain", files[2], "-key", files[1],
    ]
    let outcome = try Command("timeout", ["3"] + openssl).with(\.pod, scene.link.pods[2])
      .with(\.keepsInputOpen, true).run()
    #expect((outcome.output + outcome.error).contains("CONNECTED"), "\(address) answers: \(outcome)")
    // timeout(1) ends what still runs so.
    return outcome.code == 124
  }

  private func files(_ name: String, _ identity: Identity) throws -> [String] {
    let pems = identity.certificate.chain.compactMap { CertificateSummary(der: $0)?.pem }
    let lines = Data(identity.key.bytes).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
    return [
      try directory.write("\(name)-chain.pem", pems.joined(separator: "\n")),
      try directory.write("\(name)-key.pem", "-----BEGIN PRIVATE KEY-----\n\(lines)\n-----END PRIVATE KEY-----\n"),
      try directory.write("\(name)-rest.pem", pems.dropFirst().joined(separator: "\n")),
    ]
  }
}
