import MeshModel
import Testing

@testable import Discovery

@Suite("The catalog")
struct ResourceCatalogTests {
  private func catalog(_ services: Service...) -> ResourceCatalog {
    var catalog = ResourceCatalog()
    for service in services { _ = catalog.replace(service) }
    return catalog
  }

  @Test("A service is found by all of its names, by its short one only in its namespace, and by its addresses")
  func lookups() {
    let catalog = catalog(Samples.service("web", at: "240.0.1.1", "fd00::1"))
    for name in [
      "host/web", "host/web.shop", "host/web.shop.svc", "host/web.shop.svc.cluster.local", "host/web.shop.mesh",
    ] {
      #expect(catalog.answer(name) == "shop/web")
    }
    #expect(catalog.answer("host/web", in: "other") == "-")
    #expect(catalog.answer("host/web.other") == "-")
    #expect(catalog.answer("address/240.0.1.1") == "shop/web")
    #expect(catalog.answer("address/fd00::1") == "shop/web")
    #expect(catalog.answer("address/240.0.1.2") == "-")
  }

  @Test("An endpoint's address is known as that, and as a forwarder's while one of its services forwards clients")
  func standing() {
    var catalog = catalog(
      Samples.service("web", endpoints: ["10.0.0.1:80"]),
      Samples.service("edge", endpoints: ["10.0.0.1:90 unready"], forwardsClients: true)
    )
    #expect(catalog.answer("address/10.0.0.1") == "forwarder")
    #expect(catalog.remove("shop/edge").texts.contains("lookup address/10.0.0.1"))
    #expect(catalog.answer("address/10.0.0.1") == "endpoint")
    _ = catalog.remove("shop/web")
    #expect(catalog.answer("address/10.0.0.1") == "-")
  }

  @Test("An endpoint's address is known as meshed, and whose the proxy there is where all say the same")
  func meshed() throws {
    let id = "identity=spiffe://weft.local/ns/shop/sa/"
    var catalog = catalog(Samples.service("web", endpoints: ["10.0.0.1:80", "10.0.0.2:80"]))
    func answer() -> LookupAnswer? { catalog.lookup("address/10.0.0.1", "shop") }
    #expect(answer()?.isMeshed == false)
    let changes = catalog.replaceEndpoints(
      [80: [Samples.endpoint("10.0.0.1:80 \(id)web meshed"), Samples.endpoint("10.0.0.2:80")]],
      of: "shop/web"
    )
    #expect(changes.texts == ["lookup address/10.0.0.1", "endpoints shop/web"])
    #expect(answer()?.isMeshed == true && answer()?.identity?.path == "/ns/shop/sa/web")
    #expect(catalog.lookup("address/10.0.0.2", "shop")?.isMeshed == false)
    _ = catalog.replace(Samples.service("old", endpoints: ["10.0.0.1:90 \(id)old"]))
    #expect(answer()?.identity?.path == "/ns/shop/sa/web", "what has no proxy says nothing of it")
    let other = Samples.service("other", endpoints: ["10.0.0.1:91 \(id)other meshed"])
    #expect(catalog.replace(other).texts.contains("lookup address/10.0.0.1"))
    #expect(answer()?.isMeshed == true && answer()?.identity == nil)
  }

  @Test("A new service changes its names, addresses and endpoints, and nothing else")
  func additions() {
    var catalog = catalog(Samples.service("db", at: "240.0.1.9", endpoints: ["10.0.0.9:80"]))
    let changes = catalog.replace(Samples.service("web", at: "240.0.1.1", endpoints: ["10.0.0.1:80"]))
    #expect(
      changes.texts == [
        "lookup address/10.0.0.1", "lookup address/240.0.1.1", "lookup host/web", "lookup host/web.shop",
        "lookup host/web.shop.mesh", "lookup host/web.shop.svc", "lookup host/web.shop.svc.cluster.local",
        "service shop/web", "endpoints shop/web",
      ]
    )
    #expect(catalog.replace(Samples.service("web", at: "240.0.1.1", endpoints: ["10.0.0.1:80"])).isEmpty)
  }

  @Test("Another readiness changes the endpoints alone; another address what is known of it too")
  func endpointChanges() {
    var catalog = catalog(Samples.service("web", at: "240.0.1.1", endpoints: ["10.0.0.1:80"]))
    #expect(
      catalog.replaceEndpoints([80: [Samples.endpoint("10.0.0.1:80 unready")]], of: "shop/web").texts
        == ["endpoints shop/web"]
    )
    #expect(
      catalog.replaceEndpoints([80: [Samples.endpoint("10.0.0.2:80")]], of: "shop/web").texts
        == ["lookup address/10.0.0.1", "lookup address/10.0.0.2", "endpoints shop/web"]
    )
    #expect(catalog.replaceEndpoints([80: []], of: "shop/none").isEmpty)
  }

  @Test("An address that two services claim is the first one's by name, until that one goes")
  func claims() throws {
    var catalog = catalog(Samples.service("b", at: "240.0.1.1"))
    #expect(catalog.content(of: "shop/b")?.service.addresses.count == 1)
    let changes = catalog.replace(Samples.service("a", at: "240.0.1.1"))
    #expect(changes.contains(ResourceKey(.service, "shop/b")))
    #expect(catalog.answer("address/240.0.1.1") == "shop/a")
    #expect(catalog.content(of: "shop/b")?.service.addresses == [])
    #expect(catalog.remove("shop/a").contains(ResourceKey(.service, "shop/b")))
    #expect(catalog.answer("address/240.0.1.1") == "shop/b")
    #expect(catalog.content(of: "shop/b")?.service.addresses.count == 1)
  }

  @Test("A route is told to the services that have it as a parent, and its traffic policy with it")
  func routes() {
    var catalog = catalog(Samples.service("web"), Samples.service("db"))
    let route = Samples.route("r", of: "web", to: "db")
    let policy = TrafficPolicy(namespace: "shop", name: "t", targets: [.route("r"), .service("db")])
    var mesh = MeshConfiguration(routes: [route])
    #expect(catalog.replace(documents: mesh, policies: []).texts == ["service shop/web"])
    mesh.traffic = [policy]
    #expect(catalog.replace(documents: mesh, policies: []).texts == ["service shop/db", "service shop/web"])
    #expect(catalog.content(of: "shop/web")?.routes == [route])
    #expect(catalog.content(of: "shop/web")?.traffic == [policy])
    #expect(catalog.replace(documents: mesh, policies: []).isEmpty)
    mesh.routes[0].parents = [.init(namespace: "shop", service: "db")]
    #expect(catalog.replace(documents: mesh, policies: []).texts == ["service shop/db", "service shop/web"])
    #expect(catalog.content(of: "shop/web")?.traffic == [])
    #expect(catalog.replace(documents: .empty, policies: []).texts == ["service shop/db"])
    #expect(catalog.content(of: "shop/db")?.routes == [])
  }

  @Test("A workload gets the policies that select it, and only a change in its namespace makes them anew")
  func policies() throws {
    var catalog = ResourceCatalog()
    let web = try Samples.node(labels: ["app": "web"])
    let db = try Samples.node(labels: ["app": "db"])
    let other = try Samples.node("other")
    let selector = LabelSelector(matchLabels: ["app": "web"])
    var policies = [NetworkPolicy(namespace: "shop", name: "p", podSelector: selector, ingress: [])]
    let mesh = MeshConfiguration(
      authorizations: [AuthorizationPolicy(namespace: "shop", name: "a", selector: selector)],
      telemetry: [TelemetryPolicy(namespace: "shop", name: "t")]
    )
    #expect(catalog.replace(documents: mesh, policies: policies) == [.policies])
    #expect(catalog.policiesContent(for: web).policies == policies)
    #expect(catalog.policiesContent(for: web).mesh == mesh)
    #expect(catalog.policiesContent(for: db).mesh.authorizations.isEmpty)
    #expect(catalog.policiesContent(for: db).mesh.telemetry.count == 1)
    #expect(catalog.policiesContent(for: other) == PoliciesContent())

    let before = [web, other].map { catalog.resource(.policies, for: $0) }
    policies[0].ingress = nil
    #expect(catalog.replace(documents: mesh, policies: policies) == [.policies])
    let after = [web, other].map { catalog.resource(.policies, for: $0) }
    #expect(before[0] != after[0])
    #expect(before[1] == after[1])
  }

  @Test("Every workload is told of services with names outside the mesh, and when there is another, or one less")
  func outsideServices() throws {
    var catalog = catalog(Samples.service("web", endpoints: ["10.0.0.1:80"]))
    let node = try Samples.node(at: "10.0.0.1")
    var outside = Samples.service("outside", endpoints: ["10.9.0.1:443"])
    #expect(!catalog.replace(outside).contains(.policies))
    outside.hosts = ["api.example.com"]
    #expect(catalog.replace(outside).contains(.policies))
    #expect(catalog.policiesContent(for: node).ownServices == ["shop/web", "shop/outside"])
    guard case .present(let resource) = catalog.resource(.policies, for: node) else {
      Issue.record("there are no policies")
      return
    }
    #expect(try PoliciesContent(resource.body, of: .policies).ownServices == ["shop/web", "shop/outside"])
    outside.hosts = ["*.example.com"]
    #expect(!catalog.replace(outside).contains(.policies))
    #expect(catalog.remove("shop/outside").contains(.policies))
    #expect(catalog.policiesContent(for: node).ownServices == ["shop/web"])
  }

  @Test("A workload's own services are those with an endpoint at its addresses, and it is told when that changes")
  func ownServices() throws {
    var catalog = catalog(Samples.service("web", endpoints: ["10.0.0.1:80"]))
    let node = try Samples.node(at: "10.0.0.1")
    _ = catalog.resource(.policies, for: node)
    #expect(catalog.policiesContent(for: node).ownServices == ["shop/web"])
    #expect(!catalog.replace(Samples.service("db", endpoints: ["10.0.0.2:80"])).contains(.policies))
    #expect(catalog.replace(Samples.service("api", endpoints: ["10.0.0.1:90"])).contains(.policies))
    guard case .present(let resource) = catalog.resource(.policies, for: node) else {
      Issue.record("there are no policies")
      return
    }
    #expect(try PoliciesContent(resource.body, of: .policies).ownServices == ["shop/api", "shop/web"])
    #expect(
      !catalog.replaceEndpoints([80: [Samples.endpoint("10.0.0.1:80 unready")]], of: "shop/web").contains(.policies)
    )
  }

  @Test("With more workloads than are remembered, every change of an endpoint's address is one to all")
  func manyWorkloads() throws {
    var cache = PolicyCache(limit: 2)
    let resource = EncodedResource(try PoliciesContent().encode())
    for number in 1...2 { cache.put(resource, for: try Samples.node(at: "10.0.0.\(number)")) }
    let few = cache.forget(addresses: [Samples.ip("10.0.0.9")])
    #expect(!few)
    cache.put(resource, for: try Samples.node(at: "10.0.0.3"))
    let many = cache.forget(addresses: [Samples.ip("10.0.0.9")])
    #expect(many)
  }

  @Test("Encoded resources are bounded, and are made again when they are gone")
  func cacheBound() throws {
    var cache = ResourceCache(limit: 100)
    let resource = EncodedResource(try DocumentJSON.encode(String(repeating: "x", count: 38)))
    for number in 0..<9 {
      cache.put(resource, at: ResourceKey(.service, "\(number)"))
      #expect(cache.bytes <= 100)
      #expect(cache[ResourceKey(.service, "\(number)")] != nil)
    }
    cache.remove(ResourceKey(.service, "8"))
    #expect(cache[ResourceKey(.service, "8")] == nil)
  }

  @Test("Of one port no more endpoints are told than proxies take")
  func endpointLimit() {
    let many = (0..<1_200).map { Samples.endpoint("10.0.\($0 / 250).\($0 % 250):80") }
    var service = Samples.service("web")
    service.ports[0].endpoints = many
    let catalog = catalog(service)
    #expect(catalog.services["shop/web"]?.ports[0].endpoints.count == 1_000)
    #expect(catalog.answer("address/10.0.4.100") == "-")
  }

  @Test("What is not in the mesh is absent, names of no form included")
  func absent() throws {
    var catalog = catalog(Samples.service("web"))
    let node = try Samples.node()
    for key in [
      ResourceKey(.service, "shop/db"), ResourceKey(.endpoints, "web"), ResourceKey(.lookup, "web"),
      ResourceKey(.policies, "shop"), ResourceKey(.service, "*"), ResourceKey(.service, ""),
    ] {
      #expect(catalog.resource(key, for: node) == .absent)
    }
  }
}
