import Authority
import Foundation
import MeshModel
import Testing
import WeftTestKit

/// Three hosts, of which the first has the root and the second signs too, and two pods with proxies: a client of the third host
/// and a server of the second. All go by one clock, which the test sets.
@Suite("A root that is replaced", .timeLimit(.minutes(10)))
struct RootRotationHostsTests {
  private let clocks: SkewedClocks
  private let scene: HostsScene
  private let proxies: [ProxyUnderTest]
  private let web: WebServer
  private let url: String
  private var pod: Pod { scene.link.pods[3] }

  init() throws {
    clocks = try SkewedClocks("all")
    let scene = try HostsScene(3, pods: 2, wrapper: clocks.wrapper("all"))
    self.scene = scene
    try scene.grant(1)
    let (client, server, end) = (scene.link.pods[3], scene.link.pods[4], scene.link.ends[4])
    try Redirect.apply(to: client, inbound: nil)
    try Redirect.apply(to: server)
    let environment = clocks.environment("all")
    proxies = try [(client, 2, "shop"), (server, 1, "web")].map { pod, host, account in
      try scene.agents[host].weft("identity", "register", "--service-account", account, "--pod", pod.name).orThrow()
      var options = ProxyUnderTest.Options("--agent", scene.agents[host].socket, "--service-account", account)
      options.environment = environment
      let proxy = try ProxyUnderTest(in: pod, options)
      try proxy.record("its identity") { $0["EVENT"] == "identity-given" }
      return proxy
    }
    web = try WebServer(in: server, on: end.v4, port: 8080, answer: "hello")
    try scene.agents[1].weft(
      "register",
      "--name",
      "web",
      "--port",
      "http:8080",
      "--address",
      "\(end.v4)",
      "--service-account",
      "web"
    ).orThrow()
    try eventually("the third host knows that it is meshed") {
      try scene.agents[2].weft("endpoints", "web", "-o", "json").orThrow().output.contains("\"isMeshed\" : true")
    }
    url = "http://\(try scene.virtualAddress(of: "web")):8080/"
    // A virtual address is routed by the proxy, and the kernel wants a way to it first.
    try client.ip("route", "add", "default", "via", "\(end.v4)")
  }

  private func roots(_ host: Int) throws -> [String] { try HostsScene.roots(scene.agents[host]) }

  /// When the certificate ends that a host shows to others. Its file has the key and the chain, each behind two bytes of length.
  private func hostEnds_s(_ host: Int) throws -> Int64 {
    let path = scene.agents[host].directory.file("data/host-identity.key")
    var rest = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))[...]
    var parts: [[UInt8]] = []
    while rest.count > 2 {
      let count = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
      parts.append(Array(rest.dropFirst(2).prefix(count)))
      rest = rest.dropFirst(2 + count)
    }
    var random = SystemRandomNumberGenerator()
    return try IssuedCertificate(chain: Array(parts.dropFirst()), using: &random).notAfter_s
  }

  private func proxyEnds_s(_ proxy: ProxyUnderTest) throws -> Int64 {
    try ProxyIdentityScene.identity(proxy).notAfterS ?? 0
  }

  /// Sets the clock, and waits until every host and proxy has renewed its certificate by itself: they look twice a minute.
  private func move(to hours: Int) throws {
    try clocks.set("all", hours: hours)
    let later_s = Int64(Date().timeIntervalSince1970) + Int64(hours + Self.fresh_h) * 3_600
    for host in 0..<3 {
      try eventually("host \(host + 1) has another certificate after \(hours) hours", within: .seconds(90)) {
        try hostEnds_s(host) > later_s
      }
    }
    for (proxy, name) in zip(proxies, ["client", "server"]) {
      try eventually("the \(name)'s proxy has another certificate after \(hours) hours", within: .seconds(90)) {
        try proxyEnds_s(proxy) > later_s
      }
    }
  }

  /// A certificate of a day that has so many hours left was made at this step.
  private static let fresh_h = 20
  /// Less than a day, so that nobody's certificate ends before it is looked at; more than its half and the tenth.
  private static let step_h = 20

  @Test("where there is a second authority costs no request, and every host and proxy ends with the new one alone")
  func whole() throws {
    func get() throws -> String {
      try Command("curl", ["-sS", "--max-time", "20", "-w", " %{http_code}", url]).with(\.pod, pod).run().output
    }
    try eventually("the client is served") { try get() == "hello 200" }
    let old = try roots(0)
    let asking = try Command(
      "/bin/sh",
      ["-c", "while :; do curl -sS --max-time 20 -w ' %{http_code}\\n' \(url) 2>&1; sleep 0.1; done"]
    ).with(\.pod, pod).start()
    try scene.agents[0].weft("identity", "rotate", "--root").orThrow()
    let both = try roots(0)
    #expect(old.count == 1 && both.count == 2 && both.contains(old[0]))
    // docs/identity.md: it signs after 49 h, and the old one leaves 49 h after that.
    for hours in stride(from: Self.step_h, through: 6 * Self.step_h, by: Self.step_h) {
      try move(to: hours)
      guard hours < 100 else { continue }
      for host in 0..<3 {
        try eventually("host \(host + 1) has both roots after \(hours) hours", within: .seconds(90)) {
          try Set(roots(host)) == Set(both)
        }
      }
    }
    for host in 0..<3 {
      try eventually("host \(host + 1) has the new root alone", within: .seconds(90)) {
        try roots(host) == both.filter { $0 != old[0] }
      }
    }
    for (proxy, name) in zip(proxies, ["client", "server"]) {
      try eventually("so has the \(name)'s proxy", within: .seconds(90)) {
        try ProxyIdentityScene.identity(proxy).roots.map { $0.lowercased() } == both.filter { $0 != old[0] }
      }
    }
    // By the new root from end to end: what is asked now is over a new handshake, and by another authority than the root's.
    let shaken = proxies[0].records.filter { $0["EVENT"] == "peer-connected" }.count
    #expect(shaken >= 1)
    #expect(try get() == "hello 200")
    asking.kill()
    _ = try asking.waitForExit()
    let answers = asking.output.text.split(separator: "\n")
    let failed = answers.filter { $0 != "hello 200" }
    #expect(answers.count > 500 && failed.isEmpty, "\(failed.count) of \(answers.count) failed: \(failed.prefix(5))")

    try scene.agents[2].weft("register", "--name", "late", "--port", "8081").orThrow()
    for host in 0..<3 {
      try eventually("host \(host + 1) hears of what is registered then") {
        try scene.agents[host].weft("services").orThrow().output.contains("late")
      }
      #expect(try scene.fetch("late", on: host).succeeded)
    }
    #expect(try scene.authorities(0).map(\.name) == ["h1", "h2"])
    #expect(try scene.authorities(1).contains { $0.name == "h2" && $0.signsUntilS > 0 })
  }
}
