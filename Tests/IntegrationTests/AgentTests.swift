import Glibc
import MeshModel
import Testing
import WeftTestKit

@Suite("A host with an agent")
struct AgentTests {
  @Test("serves a registered service at its virtual address, on its own port and on 80, once its check passes")
  func register() throws {
    let scene = try AgentScene()
    let web = try scene.web()
    let address = try scene.address(of: "web")
    #expect(address.hasPrefix("2"), "an address of 240.0.0.0/4: \(address)")
    #expect(try scene.answer("http://\(address)/", becomes: "hello 200") == "hello 200")
    #expect(try scene.get("http://\(address):8080/") == "hello 200")
    let record = try scene.client.record("of the request") { $0["EVENT"] == "request" && $0["STATUS"] == "200" }
    #expect(record["SERVICE"] == "default/web:80")
    #expect(try scene.get("\(web.url)") == "hello 200", "the endpoint's own address is dialled as ever")
  }

  @Test("answers for names as DNS does: both families, services, the way back, and what is not there")
  func names() throws {
    let scene = try AgentScene()
    try scene.web()
    func dig(_ arguments: String...) throws -> String {
      try Command("dig", ["+short", "+time=10", "@127.0.0.1", "-p", "15053"] + arguments)
        .with(\.pod, scene.pods.server).run().orThrow().output
    }
    let address = try scene.address(of: "web")
    #expect(try dig("web.default.mesh", "AAAA").hasPrefix("fd"))
    #expect(try dig("+tcp", "web.default.mesh", "A") == "\(address)\n")
    #expect(try dig("-x", address) == "web.default.mesh.\n")
    #expect(try dig("web.default.mesh", "SRV").contains("8080 web.default.mesh."))
    #expect(try dig("nobody.default.mesh", "A") == "")
  }

  @Test("denies by a policy as soon as it is applied, and allows again when it is deleted")
  func policy() throws {
    let scene = try AgentScene()
    try scene.web()
    let url = "http://\(try scene.address(of: "web"))/"
    #expect(try scene.answer(url, becomes: "hello 200") == "hello 200")
    let deny = Documents.authorization("no-get", "DENY", rules: "[{to: [{operation: {methods: [GET]}}]}]")
    let applied = try scene.agent.weft("apply", "-f", "-", input: deny).orThrow()
    #expect(applied.output.contains("authorizationpolicy.security.istio.io/no-get created"))
    #expect(try scene.answer(url, becomes: " 403", "-o", "/dev/null") == " 403")
    let shown = try scene.agent.weft("get", "authz", "no-get", "-o", "yaml").orThrow()
    #expect(shown.output.contains("action: DENY"))
    try scene.agent.weft("delete", "authorizationpolicy", "no-get").orThrow()
    #expect(try scene.answer(url, becomes: "hello 200") == "hello 200")
  }

  @Test("refuses documents with an error whole, and names the place")
  func refusal() throws {
    let scene = try AgentScene()
    let documents = Documents.authorization("right", "DENY", rules: "[{}]") + "---\nkind: Servise\napiVersion: v1\n"
    let outcome = try scene.agent.weft("apply", "-f", "-", input: documents)
    #expect(outcome.code == 2)
    #expect(outcome.error.contains("<stdin>:") && outcome.error.contains("Servise"))
    #expect(try scene.agent.weft("get", "authz").orThrow().output.contains("right") == false)
  }

  @Test("moves requests to another service by a route, which the proxy learns of with its backends")
  func route() throws {
    let scene = try AgentScene()
    try scene.web()
    try scene.web("other", port: 8081, answer: "other")
    let url = "http://\(try scene.address(of: "web")):8080/"
    #expect(try scene.answer(url, becomes: "hello 200") == "hello 200")
    let route = """
      {apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: web},
       spec: {parentRefs: [{group: "", kind: Service, name: web}],
              rules: [{backendRefs: [{name: other, port: 8081}]}]}}
      """
    try scene.agent.weft("apply", "-f", "-", input: route).orThrow()
    #expect(try scene.answer(url, becomes: "other 200") == "other 200")
  }

  @Test("gives no work to what fails its check, and all that it gave is taken away with its registration")
  func health() throws {
    let scene = try AgentScene()
    var web: WebServer? = try WebServer(in: scene.pods.server, on: scene.pods.serverEnd.v4)
    let check = """
      name: web
      port: 8080
      addresses: [\(scene.pods.serverEnd.v4)]
      checks: [{name: up, tcp: 8080, interval: 100ms, timeout: 100ms, failures: 1}]
      """
    try scene.agent.weft("register", "-f", "-", input: check).orThrow()
    let url = "http://\(try scene.address(of: "web"))/"
    #expect(try scene.answer(url, becomes: "hello 200") == "hello 200")
    web = nil
    #expect(try scene.answer(url, becomes: " 503", "-o", "/dev/null") == " 503")
    web = try WebServer(in: scene.pods.server, on: scene.pods.serverEnd.v4)
    #expect(try scene.answer(url, becomes: "hello 200") == "hello 200")
    try scene.agent.weft("deregister", "web").orThrow()
    #expect(try scene.agent.weft("services").orThrow().output.contains("web") == false)
    withExtendedLifetime(web) {}
  }

  @Test("may be killed: proxies serve on, and what was registered and applied is in force when it is back")
  func crash() throws {
    let scene = try AgentScene()
    try scene.web()
    let url = "http://\(try scene.address(of: "web"))/"
    #expect(try scene.answer(url, becomes: "hello 200") == "hello 200")
    let deny = Documents.authorization("no-post", "DENY", rules: "[{to: [{operation: {methods: [POST]}}]}]")
    try scene.agent.weft("apply", "-f", "-", input: deny).orThrow()
    #expect(try scene.answer(url, becomes: " 403", "-o", "/dev/null", "-d", "x") == " 403")
    try scene.agent.crash()
    try scene.client.record("that the agent is lost") { $0["EVENT"] == "agent-lost" }
    #expect(try scene.get(url) == "hello 200")
    #expect(try scene.get(url, "-o", "/dev/null", "-d", "x") == " 403")
    let told = scene.client.records.count
    try scene.agent.restart()
    try scene.client.record("that the agent is back", after: told) { $0["EVENT"] == "agent-connected" }
    #expect(try scene.get(url) == "hello 200")
    #expect(try scene.agent.weft("get", "authz").orThrow().output.contains("no-post"))
    try scene.agent.weft("delete", "authz", "no-post").orThrow()
    #expect(try scene.answer(url, becomes: "hello 200", "-d", "x") == "hello 200")
  }

  @Test("lets other users register and not apply, and not change what others registered")
  func users() throws {
    let scene = try AgentScene()
    try scene.web()
    func weft(_ arguments: String...) throws -> Outcome {
      var command = Command(try Binaries.path("weft"), arguments)
      command.environment["WEFT_AGENT_SOCKET"] = scene.agent.socket
      command.uid = 65_534
      return try command.run()
    }
    let file = try scene.agent.directory.write("any.yaml", Documents.authorization("any", "DENY", rules: "[{}]"))
    chmod(file, 0o644)
    let apply = try weft("apply", "-f", file)
    #expect(apply.code == 3)
    #expect(apply.error.contains("root"))
    #expect(try weft("deregister", "web").code != 0)
    #expect(try weft("register", "--name", "own", "--port", "9000").code == 0)
    #expect(try scene.agent.weft("services").orThrow().output.contains("own"))
  }
}
