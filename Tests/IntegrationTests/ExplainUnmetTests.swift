import Foundation
import MeshModel
import Testing
import WeftTestKit

@Suite("What is explained of a client that the proxy has never met")
struct ExplainUnmetTests {
  private func explain(_ source: IPAddress, _ web: SocketAddress, by proxy: ProxyUnderTest) throws -> Explanation {
    let answer = try proxy.admin("/v1/explain?direction=inbound&from=\(source)&to=\(web)")
    return try JSONDecoder().decode(Explanation.self, from: Data(answer.utf8))
  }

  private func explainRequest(
    _ source: IPAddress,
    _ web: SocketAddress,
    by proxy: ProxyUnderTest
  ) throws -> InboundExplanation {
    let url = "http%3A%2F%2Fweb%2F"
    let answer = try proxy.admin(
      "/v1/explain-request?direction=inbound&from=\(source)&to=\(web)&method=GET&url=\(url)"
    )
    return try JSONDecoder().decode(InboundExplanation.self, from: Data(answer.utf8))
  }

  @Test("is where it goes that names what the proxy was not told of: the agent is asked first")
  func names() throws {
    let mesh = try MeshScene()
    let web = try mesh.web { _ in .ok("hello") }
    let (proxy, port) = (mesh.scene.client, web.address.port)
    let answer = try proxy.admin("/v1/explain-server-name?name=WEB.default.mesh&port=\(port)")
    let led = try JSONDecoder().decode(ServerNameExplanation.self, from: Data(answer.utf8))
    #expect(led.outcome == .direct && led.destination.service == "default/web:\(port)", "\(answer)")
    #expect(led.backends.flatMap(\.endpoints).map(\.address) == [web.address], "\(answer)")
    // Nothing of it is known to another proxy, which is asked of a request.
    let other = try mesh.successor(of: mesh.scene.client, "shop", "app=shop")
    try other.record("of its agent") { $0["EVENT"] == "agent-connected" }
    let reply = try other.admin("/v1/explain-request?direction=outbound&url=http%3A%2F%2Fweb%3A\(port)%2F")
    let sent = try JSONDecoder().decode(RequestExplanation.self, from: Data(reply.utf8))
    #expect(sent.outcome == .direct && sent.destination.service == "default/web:\(port)", "\(reply)")
  }

  @Test("is what becomes of it: the agent is asked first who it is, and where it does not say, that is said")
  func agrees() throws {
    let mesh = try MeshScene()
    let web = try mesh.web { _ in .ok("hello") }
    try mesh.meshClient()
    // One that begins with its own endpoints meshed gives nobody time to hear of it, and has met nobody.
    let proxy = try mesh.successor(of: mesh.scene.server, "web", "app=web")
    let (source, address) = (mesh.scene.pods.clientEnd.v4, web.address)
    try eventually("a client with a proxy is refused without an identity", within: .seconds(60)) {
      try explain(source, address, by: proxy).verdict.decision == .deny
    }
    #expect(try explainRequest(source, address, by: proxy).outcome == .unidentified)
    let plain = try mesh.plain("http://\(address)/")
    #expect(!plain.succeeded && web.requests.isEmpty, "\(plain)")

    let nobody = try #require(IPAddress("198.18.255.7"))
    let known = try explain(nobody, address, by: proxy)
    #expect(known.verdict.decision == .allow && known.identity?.verdict.reason.contains("not known") == false)
    try mesh.scene.agent.crash()
    try proxy.record("that the agent is lost") { $0["EVENT"] == "agent-lost" }
    let stranger = try #require(IPAddress("198.18.255.8"))
    let unknown = try explain(stranger, address, by: proxy)
    #expect(unknown.verdict.decision == .allow)
    let reason = unknown.identity?.verdict.reason ?? ""
    #expect(reason.contains("whether a proxy is at 198.18.255.8 is not known, the agent does not say it"), "\(reason)")
    let request = try explainRequest(stranger, address, by: proxy)
    #expect(request.outcome == .allowed && request.peer?.verdict.reason.contains("not known") == true)
  }
}
