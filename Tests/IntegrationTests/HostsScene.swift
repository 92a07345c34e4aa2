import Foundation
import MeshModel
import Testing
import WeftTestKit

/// Hosts of one mesh on one link, each a pod with an agent; the first made the mesh, the others joined by its tokens.
final class HostsScene {
  let link: SwitchedPods
  /// What agents are run by.
  private let wrapper: [String]
  private(set) var agents: [AgentUnderTest] = []

  /// `hosts` agents, and as many further pods on the link as `pods` says. `wrapper`: what the agents are run by, such as `env`.
  init(_ hosts: Int, pods: Int = 0, wrapper: [String] = []) throws {
    self.wrapper = wrapper
    link = try SwitchedPods(hosts + pods)
    try start(0, "--metrics-port", "15014")
    for index in 1..<hosts { try join(index, try token()) }
    for agent in agents {
      try eventually("all \(hosts) hosts know each other") { try Self.members(agent).filter(\.isAlive).count == hosts }
    }
  }

  /// The pods that have no agent.
  var pods: ArraySlice<Pod> { link.pods[agents.count...] }

  /// A new token of the first host's, or of another that has the authority's role.
  func token(_ arguments: String..., of host: Int = 0) throws -> String {
    let outcome = try agents[host].weft(["token", "create", "-o", "json"] + arguments).orThrow()
    struct Told: Decodable { let token: String }
    return try JSONDecoder().decode(Told.self, from: Data(outcome.output.utf8)).token
  }

  /// Starts the next host with a token.
  func join(_ index: Int, _ token: String) throws {
    try start(index, "--join", token)
  }

  private func start(_ index: Int, _ arguments: String...) throws {
    let (pod, wrapper, name) = (link.pods[index], wrapper, ["--host-name", "h\(index + 1)"])
    agents.append(try AgentUnderTest(in: pod, name + arguments, through: { _ in wrapper }))
  }

  /// What comes of starting an agent with a token that should not let it in.
  func refusedJoin(in pod: Pod, _ token: String, name: String = "stranger") throws -> Outcome {
    let directory = try TemporaryDirectory()
    return try Command(
      Binaries.path("weft-agent"),
      [
        "run", "--data-dir", directory.file("data"), "--run-dir", directory.path, "--metrics-port", "0", "--log",
        "stderr",
        "--host-name", name, "--join", token,
      ]
    ).with(\.pod, pod).run()
  }

  /// A host's name and key.
  struct Owner: Equatable {
    let name: String
    let fingerprint: String
  }

  /// A host, as another shows it.
  struct Member: Decodable {
    let name: String
    let status: String
    let isAuthority: Bool
    let records: Int
    let fingerprint: String

    /// Whose records it writes.
    var owner: Owner { Owner(name: name, fingerprint: fingerprint) }

    var isAlive: Bool { status == "alive" }
  }

  static func members(_ agent: AgentUnderTest) throws -> [Member] {
    try JSONDecoder().decode([Member].self, from: Data(agent.weft("members", "-o", "json").orThrow().output.utf8))
  }

  /// SHA-256 of the roots that a host believes, as `weft identity show` tells them.
  static func roots(_ agent: AgentUnderTest) throws -> [String] {
    struct Shown: Decodable {
      struct Certificate: Decodable { let role: String, sha256: String }
      let certificates: [Certificate]
    }
    let text = try agent.weft("identity", "show", "-o", "json").orThrow().output
    return try JSONDecoder().decode(Shown.self, from: Data(text.utf8)).certificates.filter { $0.role == "root" }
      .map(\.sha256)
  }

  /// A host with the authority's role, or that lost it, as another shows it.
  struct Authority: Decodable {
    let name: String
    let status: String
    let hasRoot: Bool
    let fingerprint: String
    let signsUntilS: Int64
  }

  func authorities(_ host: Int) throws -> [Authority] {
    let told = try agents[host].weft("authority", "list", "-o", "json").orThrow().output
    return try JSONDecoder().decode([Authority].self, from: Data(told.utf8))
  }

  /// Gives a host the role, and waits until it signs and all know it.
  func grant(_ host: Int) throws {
    let name = "h\(host + 1)"
    try agents[0].weft("authority", "grant", name).orThrow()
    try eventually("\(name) signs") { try authorities(host).contains { $0.name == name && $0.signsUntilS > 0 } }
    for other in agents.indices {
      try eventually("host \(other + 1) knows it") {
        try Self.members(agents[other]).contains { $0.name == name && $0.isAuthority }
      }
    }
  }

  /// Whether that host knows an endpoint at the address.
  func knows(_ host: Int, _ address: String) throws -> Bool {
    try agents[host].weft("endpoints").orThrow().output.contains(address)
  }

  /// The virtual address that the first host gives a service, once it knows it.
  func virtualAddress(of service: String) throws -> IPAddress {
    try eventually("the first host answers for the name \(service)") {
      let name = "\(service).default.mesh"
      let outcome = try Command("dig", ["+short", "+time=2", "@127.0.0.1", "-p", "15053", name, "A"])
        .with(\.pod, link.pods[0]).run().orThrow()
      return outcome.output.split(separator: "\n").first.flatMap { IPAddress(String($0)) }
    }
  }

  /// Registers an identity for root's programs on that host, and has a client that is not ours ask for it.
  func fetch(_ account: String, on host: Int) throws -> Outcome {
    let id = "spiffe://weft.local/ns/default/sa/\(account)"
    try agents[host].weft("identity", "register", "--spiffe-id", id, "--selector", "unix:uid:0").orThrow()
    return try program(on: host, "fetch")
  }

  /// A client that is not ours, of root's, on that host.
  func program(on host: Int, _ arguments: String...) throws -> Outcome {
    try Command(WorkloadScene.python, [WorkloadScene.script, agents[host].socket] + arguments)
      .with(\.pod, link.pods[host]).run()
  }

  /// A counter of the first host's agent, or of another that was started with that port for metrics.
  func count(_ host: Int, _ name: String) throws -> Int {
    let page = try Command("curl", ["-sS", "--fail", "--max-time", "30", "http://127.0.0.1:15014/metrics"])
      .with(\.pod, link.pods[host]).run().orThrow().output
    let line = page.split(separator: "\n").first { $0.hasPrefix("weft_agent_events_total{event=\"\(name)\"} ") }
    return line.flatMap { $0.split(separator: " ").last.flatMap { Int($0) } } ?? 0
  }
}
