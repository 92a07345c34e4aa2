import MeshModel
import Policy
import Testing

@testable import Discovery

@Suite("What a proxy holds at most")
struct ProxyViewLimitTests {
  private static let web = LookupKey.host(namespace: "shop", service: "web")
  private static let service = Samples.service("web", at: "240.0.0.1", endpoints: ["10.0.0.1:80"])

  @Test("Beyond the limit the lookup goes that was wanted longest ago, and its service with it")
  func eviction() throws {
    var limits = ProxyView.Limits()
    limits.hosts = 2
    var proxy = try ProxyViewHarness(limits)
    try proxy.policies()
    let keys = ["a", "b", "c"].map { LookupKey.host(namespace: "shop", service: $0) }
    for name in ["a", "b"] {
      let key = LookupKey.host(namespace: "shop", service: name)
      _ = proxy.view.want(key)
      try proxy.answer(key, LookupAnswer(service: "shop/\(name)"))
      try proxy.service(Samples.service(name))
      try proxy.endpoints(Samples.service(name))
    }
    #expect(try proxy.names() == ["shop/a", "shop/b"])
    #expect(proxy.view.want(keys[0]) == .settled)
    _ = proxy.changes()
    _ = proxy.view.want(keys[2])
    #expect(
      proxy.changes() == [
        "-lookup host/b.shop.mesh", "-service shop/b", "-endpoints shop/b", "lookup host/c.shop.mesh",
      ]
    )
    #expect(try proxy.names() == ["shop/a"])
  }

  @Test("Who tries every address does not drive out what is in use, and nobody waits for what was driven out")
  func scan() throws {
    var limits = ProxyView.Limits()
    limits.addresses = 32
    var proxy = try ProxyViewHarness(limits)
    let used = LookupKey.address(Samples.ip("10.9.9.9"))
    _ = proxy.view.want(used)
    try proxy.answer(used, LookupAnswer(isEndpoint: true))
    #expect(proxy.view.takeSettled() == [used])
    for number in 0..<1_000 {
      _ = proxy.view.want(.address(IPAddress(v4: 0x0a00_0000 + UInt32(number))))
      #expect(proxy.view.lookupCount <= 32)
    }
    #expect(proxy.view.answer(used) == LookupAnswer(isEndpoint: true))
    #expect(proxy.view.takeSettled().count == 1_000 - (proxy.view.lookupCount - 1))
  }

  @Test("Services beyond the limit are left out and counted, and nobody waits for them")
  func tooManyServices() throws {
    var limits = ProxyView.Limits()
    limits.services = 2
    var proxy = try ProxyViewHarness(limits)
    try proxy.policies()
    _ = proxy.view.want(Self.web)
    try proxy.answer(Self.web, LookupAnswer(service: "shop/web"))
    try proxy.service(Self.service, Samples.route("r", of: "web", to: "a", "b", "c"))
    try proxy.endpoints(Self.service)
    #expect(proxy.view.serviceCount == 2)
    #expect(proxy.view.leftOut == 2)
    try proxy.service(Samples.service("a"))
    try proxy.endpoints(Samples.service("a"))
    #expect(proxy.view.takeSettled() == [Self.web])
  }

  @Test("More endpoints in all than a snapshot may have are refused")
  func tooManyEndpoints() throws {
    var proxy = try ProxyViewHarness()
    let names = (0..<101).map { "s\($0)" }
    try proxy.policies(PoliciesContent(ownServices: names.map { "shop/\($0)" }))
    let thousand = (0..<1_000).map { Endpoint(SocketAddress(IPAddress(v4: 0x0a00_0001 + UInt32($0)), port: 80)) }
    for name in names.dropLast() {
      try proxy.endpoints(Service(namespace: "shop", name: name, ports: [.init(port: 80, endpoints: thousand)]))
    }
    let last = Service(namespace: "shop", name: names[100], ports: [.init(port: 80, endpoints: [thousand[0]])])
    let refusal = #expect(throws: ResourceRefusal.self) { try proxy.endpoints(last) }
    #expect(refusal?.description == "endpoints: 100001 in all are more than 100000")
  }
}
