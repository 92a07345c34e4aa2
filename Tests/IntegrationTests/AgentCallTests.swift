import Testing
import WeftTestKit

@Suite("A GRPCRoute that the agent has")
struct AgentCallTests {
  @Test("moves calls to another service until it is deleted, beside an HTTPRoute of its name")
  func pushed() throws {
    let scene = try AgentScene()
    try scene.web()
    try scene.web("other", port: 8081, answer: "other")
    let url = "http://\(try scene.address(of: "web")):8080/a/M"
    let type = "content-type: application/grpc"
    #expect(try scene.answer(url, becomes: "hello 200", "-H", type, "-d", "x") == "hello 200")
    func route(_ kind: String, to backend: String) -> String {
      """
      {apiVersion: gateway.networking.k8s.io/v1, kind: \(kind), metadata: {name: web},
       spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{backendRefs: [\(backend)]}]}}
      """
    }
    let grpc = route("GRPCRoute", to: "{name: other, port: 8081}")
    try scene.agent.weft("validate", "-f", "-", input: grpc).orThrow()
    try scene.agent.weft("apply", "-f", "-", input: grpc).orThrow()
    #expect(try scene.answer(url, becomes: "other 200", "-H", type, "-d", "x") == "other 200")
    #expect(try scene.get(url, "-o", "/dev/null", "-d", "x") == " 404")
    try scene.agent.weft("apply", "-f", "-", input: route("HTTPRoute", to: "{name: web, port: 8080}")).orThrow()
    #expect(try scene.agent.weft("get", "grpcroutes").orThrow().output.contains("web"))
    #expect(try scene.agent.weft("get", "httproutes").orThrow().output.contains("web"))
    #expect(try scene.get(url, "-H", type, "-d", "x") == "other 200")
    try scene.agent.weft("delete", "grpcroute", "web").orThrow()
    #expect(try scene.answer(url, becomes: "hello 200", "-H", type, "-d", "x") == "hello 200")
    #expect(try scene.get(url, "-d", "x") == "hello 200")
  }
}
