import FoundationEssentials
import MeshModel
import Policy
import Testing

@testable import Discovery

@Suite("What a proxy holds")
struct ProxyViewTests {
  private static let web = LookupKey.host(namespace: "shop", service: "web")
  private static let service = Samples.service("web", at: "240.0.0.1", endpoints: ["10.0.0.1:80"])

  @Test("There is no snapshot before the policies are here")
  func policiesFirst() throws {
    var proxy = try ProxyViewHarness()
    #expect(proxy.changes() == ["policies *"])
    #expect(try proxy.names() == nil)
    try proxy.policies()
    #expect(try proxy.names() == [])
    #expect(try proxy.names() == nil)
  }

  @Test("The first snapshot waits for the workload's own services, and those that they lead to")
  func ownServices() throws {
    var proxy = try ProxyViewHarness()
    try proxy.policies(PoliciesContent(ownServices: ["shop/web"]))
    #expect(proxy.changes() == ["policies *", "service shop/web", "endpoints shop/web"])
    try proxy.endpoints(Self.service)
    #expect(try proxy.names() == nil)
    try proxy.service(Self.service)
    #expect(try proxy.names() == ["shop/web"])
  }

  @Test("Policies that are told as removed are refused: to be without them is to allow everything")
  func removedPolicies() throws {
    var proxy = try ProxyViewHarness()
    #expect(throws: ResourceRefusal.self) { try proxy.gone(.policies, "*") }
  }

  @Test("A lookup of what the mesh does not know is settled by the answer alone")
  func unknown() throws {
    var proxy = try ProxyViewHarness()
    #expect(proxy.view.want(Self.web) == .pending)
    #expect(proxy.changes() == ["policies *", "lookup host/web.shop.mesh"])
    try proxy.answer(Self.web, nil)
    #expect(proxy.view.takeSettled() == [Self.web])
    #expect(proxy.view.want(Self.web) == .settled)
    #expect(proxy.changes() == [])
  }

  @Test("A lookup of a service is settled when the service and its endpoints are here, in any order")
  func known() throws {
    for isServiceFirst in [true, false] {
      var proxy = try ProxyViewHarness()
      try proxy.policies()
      _ = proxy.view.want(Self.web)
      try proxy.answer(Self.web, LookupAnswer(service: "shop/web"))
      #expect(proxy.changes().suffix(2) == ["service shop/web", "endpoints shop/web"])
      if isServiceFirst { try proxy.service(Self.service) } else { try proxy.endpoints(Self.service) }
      #expect(proxy.view.want(Self.web) == .pending)
      #expect(try proxy.names() == [])
      if isServiceFirst { try proxy.endpoints(Self.service) } else { try proxy.service(Self.service) }
      #expect(proxy.view.takeSettled() == [Self.web])
      #expect(try proxy.view.takeSnapshot()?.mesh.services == [Self.service])
      #expect(proxy.view.want(Self.web) == .settled)
    }
  }

  @Test("A lookup waits for all that the service's routes lead to, and for what that leads to, in circles too")
  func backends() throws {
    var proxy = try ProxyViewHarness()
    try proxy.policies()
    _ = proxy.view.want(Self.web)
    try proxy.answer(Self.web, LookupAnswer(service: "shop/web"))
    try proxy.endpoints(Self.service)
    _ = proxy.changes()
    try proxy.service(Self.service, Samples.route("r", of: "web", to: "a", "nowhere"))
    #expect(
      proxy.changes() == ["service shop/a", "endpoints shop/a", "service shop/nowhere", "endpoints shop/nowhere"]
    )
    try proxy.gone(.service, "shop/nowhere")
    try proxy.gone(.endpoints, "shop/nowhere")
    try proxy.endpoints(Samples.service("a"))
    try proxy.service(Samples.service("a"), Samples.route("r2", of: "a", to: "b"))
    try proxy.endpoints(Samples.service("b"))
    #expect(proxy.view.takeSettled() == [])
    #expect(try proxy.names() == [])
    try proxy.service(Samples.service("b"), Samples.route("r3", of: "b", to: "web"))
    #expect(proxy.view.takeSettled() == [Self.web])
    #expect(try proxy.names() == ["shop/a", "shop/b", "shop/web"])
  }

  @Test("A new route is not in force before the services that it leads to are here")
  func makeBeforeBreak() throws {
    var proxy = try ProxyViewHarness()
    try proxy.policies()
    _ = proxy.view.want(Self.web)
    try proxy.answer(Self.web, LookupAnswer(service: "shop/web"))
    try proxy.endpoints(Self.service)
    try proxy.service(Self.service)
    _ = try proxy.names()
    try proxy.service(Self.service, Samples.route("r", of: "web", to: "next"))
    #expect(try proxy.names() == nil)
    #expect(proxy.view.want(Self.web) == .settled)
    try proxy.endpoints(Samples.service("next"))
    try proxy.service(Samples.service("next"))
    let snapshot = try proxy.view.takeSnapshot()
    #expect(snapshot?.mesh.services.map(\.fullName) == ["shop/next", "shop/web"])
    #expect(snapshot?.mesh.routes.count == 1)
    _ = proxy.changes()
    try proxy.service(Self.service)
    #expect(proxy.changes() == ["-service shop/next", "-endpoints shop/next"])
    #expect(try proxy.names() == ["shop/web"])
  }

  @Test("A service that vanishes leaves the snapshot")
  func vanished() throws {
    var proxy = try ProxyViewHarness()
    try proxy.policies()
    _ = proxy.view.want(Self.web)
    try proxy.answer(Self.web, LookupAnswer(service: "shop/web"))
    try proxy.endpoints(Self.service)
    try proxy.service(Self.service)
    #expect(try proxy.names() == ["shop/web"])
    try proxy.gone(.service, "shop/web")
    #expect(try proxy.names() == [])
    #expect(proxy.view.want(Self.web) == .settled)
    try proxy.answer(Self.web, nil)
    #expect(proxy.changes().suffix(2) == ["-service shop/web", "-endpoints shop/web"])
  }

  @Test("Peers are the endpoints among the addresses that were asked for")
  func peers() throws {
    var proxy = try ProxyViewHarness()
    let addresses = (1...3).map { LookupKey.address(Samples.ip("10.0.0.\($0)")) }
    for key in addresses { _ = proxy.view.want(key) }
    try proxy.answer(addresses[0], LookupAnswer(isEndpoint: true))
    try proxy.answer(addresses[1], LookupAnswer(isEndpoint: true, forwardsClients: true))
    try proxy.answer(addresses[2], nil)
    #expect(proxy.view.peers.count == 2)
    #expect(proxy.view.peers[Samples.ip("10.0.0.1")]?.forwardsClients == false)
    #expect(proxy.view.peers[Samples.ip("10.0.0.2")]?.forwardsClients == true)
    try proxy.answer(addresses[1], nil)
    #expect(proxy.view.peers.count == 1)
  }

  @Test("A response of which one part is wrong changes nothing, and says where")
  func wholeOrNothing() throws {
    var proxy = try ProxyViewHarness()
    try proxy.policies(PoliciesContent(ownServices: ["shop/web", "shop/db"]))
    let bodies = try ["web", "db"].map { name in
      var service = Samples.service(name)
      if name == "db" { service.ports[0].name = "No" }
      return try ServiceContent(service: service, routes: [], traffic: []).encode()
    }
    let offer = Offer(
      type: .service,
      removed: [],
      nonce: "1",
      stream: 1,
      items: [
        .init(name: "shop/web", version: "1", body: bodies[0]), .init(name: "shop/db", version: "1", body: bodies[1]),
      ]
    )
    let refusal = #expect(throws: ResourceRefusal.self) { try proxy.view.take(offer) }
    #expect(refusal?.description == "service shop/db: mesh.services[0].ports[0].name: \"No\" is not a DNS label")
    #expect(proxy.view.services["shop/web"]?.isServiceKnown == false)
  }

  @Test("An address that two services have for a moment is in the snapshot once")
  func doubleAddress() throws {
    var proxy = try ProxyViewHarness()
    try proxy.policies(PoliciesContent(ownServices: ["shop/a", "shop/b"]))
    for name in ["b", "a"] {
      try proxy.service(Samples.service(name, at: "240.0.0.1"))
      try proxy.endpoints(Samples.service(name))
    }
    let snapshot = try #require(try proxy.view.takeSnapshot())
    #expect(snapshot.mesh.services.map(\.addresses.count) == [1, 0])
  }

  @Test("Of a route that two services bring, the one that came last counts")
  func sharedRoutes() throws {
    var proxy = try ProxyViewHarness()
    try proxy.policies(PoliciesContent(ownServices: ["shop/a", "shop/b"]))
    var old = Samples.route("r", of: "a", to: "a")
    old.parents.append(.init(namespace: "shop", service: "b"))
    var new = old
    new.hostnames = ["new.example"]
    for name in ["a", "b"] { try proxy.endpoints(Samples.service(name)) }
    try proxy.service(Samples.service("b"), old)
    try proxy.service(Samples.service("a"), new)
    #expect(try proxy.view.takeSnapshot()?.mesh.routes == [new])
    try proxy.service(Samples.service("b"), new)
    #expect(try proxy.view.takeSnapshot()?.mesh.routes == [new])
  }
}
