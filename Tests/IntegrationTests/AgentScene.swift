import MeshModel
import WeftTestKit

/// A host with an agent and a server, a client's pod, and a proxy in each that has the agent.
struct AgentScene {
  let pods: TwoPods
  let agent: AgentUnderTest
  let client: ProxyUnderTest
  let server: ProxyUnderTest
  private let servers = Servers()

  /// Web servers end with the scene.
  private final class Servers {
    var all: [WebServer] = []
  }

  /// `accounts`: whose identities the client's proxy and the server's are to have. `adapt` changes how both are started,
  /// `wrapper` what the agent is run by.
  init(
    accounts: (client: String, server: String) = ("default", "default"),
    adapt: (inout ProxyUnderTest.Options) -> Void = { _ in },
    wrapper: [String] = []
  ) throws {
    pods = try TwoPods()
    try Redirect.apply(to: pods.client, inbound: nil)
    try Redirect.apply(to: pods.server)
    agent = try AgentUnderTest(in: pods.server, through: { _ in wrapper })
    var options = Self.options(agent, "app=client", accounts.client)
    adapt(&options)
    client = try ProxyUnderTest(in: pods.client, options)
    options = Self.options(agent, "app=web", accounts.server)
    adapt(&options)
    server = try ProxyUnderTest(in: pods.server, options)
  }

  private static func options(
    _ agent: AgentUnderTest,
    _ labels: String,
    _ account: String
  ) -> ProxyUnderTest.Options {
    ProxyUnderTest.Options("--agent", agent.socket, "--labels", labels, "--service-account", account)
  }

  /// A web server on the host, and its registration.
  @discardableResult
  func web(_ name: String = "web", port: UInt16 = 8080, answer: String = "hello") throws -> WebServer {
    let server = try WebServer(in: pods.server, on: pods.serverEnd.v4, port: port, answer: answer)
    try register(name, port: "\(port)", "--check", "tcp")
    servers.all.append(server)
    return server
  }

  /// Registers an instance of a service, by default one in the server's pod; `port` may begin with what is spoken there, as
  /// `http:8080` does.
  func register(_ name: String, port: String, at address: IPAddress? = nil, _ more: String...) throws {
    let place = ["--name", name, "--port", port, "--address", "\(address ?? pods.serverEnd.v4)"]
    try agent.weft(["register"] + place + more).orThrow()
  }

  /// The virtual address of a service, as the agent's name server says it.
  func address(of name: String) throws -> String {
    let outcome = try Command("dig", ["+short", "+time=10", "@127.0.0.1", "-p", "15053", "\(name).default.mesh", "A"])
      .with(\.pod, pods.server).run().orThrow()
    return outcome.output.split(separator: "\n").first.map(String.init) ?? ""
  }

  /// The status and body that the client gets, `000` where there is none.
  func get(_ url: String, _ arguments: String...) throws -> String {
    try Command("curl", ["-gsS", "--max-time", "20", "-w", " %{http_code}", url] + arguments)
      .with(\.pod, pods.client).run().output
  }

  /// Asks until the answer is `wanted`; what it was last where that is never so.
  func answer(_ url: String, becomes wanted: String, _ arguments: String...) throws -> String {
    let deadline = Deadline()
    var last = ""
    repeat {
      last = try Command("curl", ["-gsS", "--max-time", "20", "-w", " %{http_code}", url] + arguments)
        .with(\.pod, pods.client).run().output
    } while last != wanted && !deadline.isOver
    return last
  }
}
