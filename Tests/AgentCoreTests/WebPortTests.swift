import MeshModel
import Testing

@testable import AgentCore

@Suite("Port 80 of a registered service")
struct WebPortTests {
  private func ports(_ ports: [Service.Port]) -> [UInt16] {
    var service = Service(namespace: "default", name: "web", ports: ports)
    WebPort.add(to: &service)
    return service.ports.map(\.port)
  }

  @Test("A service with one port of which nothing is said, or HTTP, answers on 80 too")
  func one() {
    #expect(ports([.init(port: 8080)]) == [80, 8080])
    #expect(ports([.init(port: 8080, appProtocol: .http)]) == [80, 8080])
  }

  @Test("One that says it speaks something else, has several ports, or has 80, stays as it is")
  func others() {
    #expect(ports([.init(port: 5432, appProtocol: .tcp)]) == [5432])
    #expect(ports([.init(name: "a", port: 1), .init(name: "b", port: 2)]) == [1, 2])
    #expect(ports([.init(port: 80)]) == [80])
    #expect(ports([]) == [])
  }

  @Test("Both ports lead to the same endpoints, under two names where there is one")
  func same() {
    let endpoint = Endpoint(SocketAddress(IPAddress(v4: 0xc612_0001), port: 8080))
    var service = Service(namespace: "a", name: "b", ports: [.init(name: "web", port: 8080, endpoints: [endpoint])])
    WebPort.add(to: &service)
    #expect(service.ports.map(\.endpoints) == [[endpoint], [endpoint]])
    #expect(service.ports.map(\.name) == ["web-80", "web"])
  }
}
