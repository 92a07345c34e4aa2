import Foundation
import MeshModel
import WeftTestKit

/// A client's pod and a server's, each with a proxy that the host's agent knows: `shop` asks, `web` answers.
struct MeshScene {
  let scene: AgentScene
  static let shop = "spiffe://weft.local/ns/default/sa/shop"
  static let web = "spiffe://weft.local/ns/default/sa/web"

  /// `account`: whom the server's pod is registered as. `adapt` changes how the proxies are started, `wrapper` what
  /// the agent is run by.
  init(
    account: String = "web",
    adapt: (inout ProxyUnderTest.Options) -> Void = { _ in },
    wrapper: [String] = []
  ) throws {
    scene = try AgentScene(accounts: ("shop", account), adapt: adapt, wrapper: wrapper)
    try scene.agent.weft("identity", "register", "--service-account", "shop", "--pod", scene.pods.client.name).orThrow()
    try scene.agent.weft("identity", "register", "--service-account", account, "--pod", scene.pods.server.name)
      .orThrow()
    for proxy in [scene.client, scene.server] {
      try proxy.record("its identity") { $0["EVENT"] == "identity-given" }
    }
  }

  /// Registers what listens in the server's pod, and waits until clients go through its proxy. A port that is called `http`
  /// is one whose clients send requests, nothing else.
  func register(_ name: String, port: UInt16, account: String = "web", portName: String? = nil) throws {
    try scene.register(name, port: "\(portName.map { "\($0):" } ?? "")\(port)", "--service-account", account)
    try awaitMeshed(name)
  }

  /// Waits until clients go through the proxy of a service's endpoint.
  func awaitMeshed(_ name: String) throws {
    try eventually("\(name) is meshed") {
      try scene.agent.weft("endpoints", name, "-o", "json").orThrow().output.contains("\"isMeshed\" : true")
    }
  }

  /// A server in the pod, registered as `web`.
  func web(
    portName: String? = nil,
    _ reply: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Reply
  ) throws -> ScriptedServer {
    let server = try ScriptedServer(in: scene.pods.server, on: scene.pods.serverEnd.v4, reply: reply)
    try register("web", port: server.address.port, portName: portName)
    return server
  }

  /// How many connections between the proxies have come about.
  var handshakes: Int { scene.server.records.filter { $0["EVENT"] == "peer-connected" }.count }
}
