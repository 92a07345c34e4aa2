import Foundation
import MeshModel
import Testing
import WeftTestKit

/// A host with an agent, a web server and a resolver for other names; a pod whose DNS is captured, with a proxy; and in the
/// pod a resolv.conf that names addresses where nobody is.
struct NamesScene {
  let pods: TwoPods
  let agent: AgentUnderTest
  let proxy: ProxyUnderTest
  let resolver: RunningProgram
  private let files: TemporaryDirectory
  private let web: WebServer

  var pod: Pod { pods.client }
  /// Nobody's (RFC 5737, RFC 3849), and with them a stub's.
  static let servers = ["192.0.2.53", "2001:db8::53", "127.0.0.53"].compactMap { IPAddress($0) }

  init(filter: PacketFilter = .nft) throws {
    pods = try TwoPods()
    files = try TemporaryDirectory()
    try Data("nameserver 192.0.2.53\nnameserver 2001:db8::53\noptions timeout:5 attempts:1\n".utf8)
      .write(to: URL(fileURLWithPath: files.file("resolv.conf")))
    try Data("nameserver \(pods.serverEnd.v4)\n".utf8).write(to: URL(fileURLWithPath: files.file("host-resolv.conf")))
    try Data("hosts: files dns\n".utf8).write(to: URL(fileURLWithPath: files.file("nsswitch.conf")))
    resolver = try CaptureNamesTests.start(
      CaptureNamesTests.nameServer("world", port: 53, addresses: ["\(pods.serverEnd.v4)"]),
      in: pods.server
    )
    agent = try AgentUnderTest(in: pods.server, ["--resolv-conf", files.file("host-resolv.conf")])
    try Capture.apply(pods.client, filter, "--capture-dns")
    proxy = try ProxyUnderTest(in: pods.client, Self.options(agent))
    web = try WebServer(in: pods.server, on: pods.serverEnd.v4, port: 80)
    try agent.weft("register", "--name", "web", "--port", "80", "--address", "\(pods.serverEnd.v4)", "--check", "tcp")
      .orThrow()
  }

  static func options(_ agent: AgentUnderTest) -> ProxyUnderTest.Options {
    ProxyUnderTest.Options("--agent", agent.socket)
  }

  /// A program of the pod, which sees the pod's resolv.conf.
  func program(_ arguments: [String]) -> Command {
    let see = ["resolv.conf", "nsswitch.conf"].map { "mount --bind '\(files.file($0))' /etc/\($0) && " }.joined()
    return Command("unshare", ["--mount", "/bin/sh", "-c", see + "exec \"$@\"", "sh"] + arguments)
      .with(\.pod, pods.client)
  }

  /// What it prints.
  func heard(_ arguments: String...) throws -> String {
    try program(arguments).run().output.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// What `dig` hears from `server`; it takes only answers that come from the address it asked.
  func dig(_ name: String, _ type: String, at server: IPAddress = servers[0], _ options: String...) throws -> String {
    try Command("dig", ["@\(server)", "+short", "+time=5", "+tries=1", name, type] + options)
      .with(\.pod, pods.client).run().output.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Whether what `dig` heard is a virtual address of the mesh (240.0.0.0/4).
  static func isVirtual(_ text: String) -> Bool { IPPrefix("240.0.0.0/4")?.contains(IPAddress(text) ?? nobody) == true }
  private static let nobody = IPAddress(v4: 0)

  /// How many questions the proxy has refused.
  func refused() throws -> Int {
    let line = try proxy.get("/metrics", port: 15020).output.split(separator: "\n")
      .first { $0.hasPrefix("weft_names_refused_total ") }
    return line?.split(separator: " ").last.flatMap { Int($0) } ?? -1
  }

  /// Until the proxy has said, after its first `count` records, that the agent answers names.
  func awaitNames(after count: Int = 0, _ proxy: ProxyUnderTest? = nil) throws {
    try (proxy ?? self.proxy).record("names are answered", after: count) {
      $0.message.hasSuffix("answers what programs ask for names")
    }
  }
}

extension LogRecord {
  /// What it says; empty where it says nothing.
  var message: String { self["MESSAGE"] ?? "" }
}
