import Foundation
import MeshModel
import Testing
import WeftTestKit

/// Three hosts with an endpoint each but for the first, whose proxy has a client. The second is cut off.
@Suite("A host that is cut off")
struct CutOffHostTests {
  private let scene: HostsScene
  private let client: Pod
  private let proxy: ProxyUnderTest
  private let servers: [WebServer]
  private let url: String

  init() throws {
    let scene = try HostsScene(3, pods: 1)
    self.scene = scene
    client = scene.link.pods[3]
    try Redirect.apply(to: client, inbound: nil)
    // A virtual address is routed by the proxy, and the kernel wants a way to it first.
    try client.ip("route", "add", "default", "via", "\(scene.link.ends[0].v4)")
    proxy = try ProxyUnderTest(in: client, .init("--agent", scene.agents[0].socket))
    servers = try [1, 2].map { host in
      try WebServer(in: scene.link.pods[host], on: scene.link.ends[host].v4, port: 8080, answer: "h\(host + 1)")
    }
    // By default a service is at all addresses of its host: at the IPv6 ones nobody listens, and every second try would fail.
    for host in [1, 2] {
      let address = "\(scene.link.ends[host].v4)"
      try scene.agents[host].weft("register", "--name", "web", "--port", "8080", "--address", address).orThrow()
    }
    for host in 0..<3 {
      for server in servers {
        try eventually("host \(host + 1) knows \(server.address)") { try scene.knows(host, "\(server.address)") }
      }
    }
    url = "http://\(try scene.virtualAddress(of: "web"))/"
  }

  /// What the client gets, each request over a connection of its own; empty where it got nothing.
  private func get() throws -> String {
    try Command("curl", ["-sS", "--max-time", "20", "-w", " %{http_code}", url]).with(\.pod, client).run().output
  }

  private func apply(_ name: String, on host: Int) throws {
    let document = Documents.authorization(name, "AUDIT", rules: "[{to: [{operation: {methods: [GET]}}]}]")
    try scene.agents[host].weft("apply", "-f", "-", input: document).orThrow()
  }

  private func documents(_ host: Int) throws -> String { try scene.agents[host].weft("get", "authz").orThrow().output }

  @Test(
    "loses its endpoints on the other side within ten seconds, and no request: another answers; what both sides write is everywhere once they meet"
  )
  func cut() throws {
    for host in ["h2", "h3"] { try eventually("a request is answered by \(host)") { try get() == "\(host) 200" } }
    try scene.link.cutOff(1)
    let asking = try Command(
      "/bin/sh",
      [
        "-c",
        "i=0; while [ $i -lt 60 ]; do curl -sS --max-time 20 -w ' %{http_code}\\n' \(url) 2>&1; sleep 0.2; i=$((i + 1)); done",
      ]
    ).with(\.pod, client).start()
    try apply("ours", on: 0)
    try apply("theirs", on: 1)
    try scene.agents[2].weft("register", "--name", "ours", "--port", "8081").orThrow()
    try scene.agents[1].weft("register", "--name", "theirs", "--port", "8081").orThrow()
    let (gone, others) = ("\(servers[0].address)", "\(servers[1].address)")
    try eventually("the others take its endpoint away", within: .seconds(10)) {
      try !scene.knows(0, gone) && !scene.knows(2, gone)
    }
    try eventually("it takes the others' away", within: .seconds(10)) { try !scene.knows(1, others) }
    #expect(try scene.knows(1, gone))
    try eventually("the third knows what the first wrote") { try documents(2).contains("ours") }
    #expect(try documents(1).contains("theirs") && !documents(1).contains("ours"))
    #expect(try !documents(0).contains("theirs"))
    let answers = try asking.outcome(within: .seconds(120)).orThrow().output.split(separator: "\n")
    #expect(
      answers.count == 60 && answers.allSatisfy { $0 == "h3 200" },
      "\(answers) \(proxy.records.filter { ($0["FLAGS"] ?? "-") != "-" })"
    )

    try scene.link.reconnect(1)
    for host in 0..<3 {
      try eventually("host \(host + 1) has what both sides wrote", within: .seconds(40)) {
        let (policies, services) = (try documents(host), try scene.agents[host].weft("services").orThrow().output)
        return ["ours", "theirs"].allSatisfy { policies.contains($0) && services.contains($0) }
      }
      for server in servers {
        try eventually("host \(host + 1) knows \(server.address) again") { try scene.knows(host, "\(server.address)") }
      }
    }
    try eventually("requests reach the one that was cut off again") { try get() == "h2 200" }
  }
}
