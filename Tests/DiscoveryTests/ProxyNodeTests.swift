import MeshAPI
import MeshModel
import Testing

@testable import Discovery

@Suite("Nodes")
struct ProxyNodeTests {
  @Test("A node is read back from its message")
  func roundTrip() throws {
    let node = try Samples.node("shop", labels: ["app": "web"], at: "10.1.0.1", "fd00::1")
    #expect(try ProxyNode(node.message) == node)
    let meshed = ProxyNode(id: "p", workload: .unlabelled, addresses: node.addresses, takesMesh: true)
    #expect(try ProxyNode(meshed.message) == meshed)
  }

  @Test("A node without metadata is a workload of the default namespace")
  func bare() throws {
    var message = Envoy_Config_Core_V3_Node()
    message.id = "p"
    let node = try ProxyNode(message)
    #expect(node.workload == .unlabelled)
    #expect(node.addresses.isEmpty)
  }

  @Test("A node without a name, or with a namespace that cannot be, is refused with the place")
  func wrong() throws {
    #expect(throws: StreamRefusal(.invalidArgument, "node: id: is empty or longer than 253 bytes")) {
      try ProxyNode(Envoy_Config_Core_V3_Node())
    }
    var message = try Samples.node().message
    message.id = String(repeating: "x", count: 254)
    #expect(throws: StreamRefusal.self) { try ProxyNode(message) }
  }

  @Test("Of too many addresses the first count")
  func addresses() throws {
    let all = (0..<100).map { Samples.ip("10.0.0.\($0)") }
    let node = ProxyNode(id: "p", workload: .unlabelled, addresses: all)
    #expect(node.addresses == Array(all.prefix(64)))
  }
}
