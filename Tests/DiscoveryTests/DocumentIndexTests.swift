import MeshModel
import Testing

@testable import Discovery

@Suite("The index of documents")
struct DocumentIndexTests {
  private func route(_ kind: HTTPRoute.Kind, of service: String) -> HTTPRoute {
    HTTPRoute(
      kind,
      namespace: "shop",
      name: "r",
      parents: [.init(namespace: "shop", service: service)],
      rules: [.init(matches: kind == .http ? [] : [.init(path: .call(service: "a", method: nil, isRegex: false))])]
    )
  }

  private func policy(_ name: String, _ target: TrafficPolicy.Target) -> TrafficPolicy {
    TrafficPolicy(namespace: "shop", name: name, targets: [target])
  }

  @Test("keeps an HTTPRoute and a GRPCRoute of one name apart, and the traffic policies of each")
  func kinds() {
    let (http, grpc) = (route(.http, of: "web"), route(.grpc, of: "web"))
    var index = DocumentIndex()
    var change = ConfigurationChange()
    change.routes = [http.key: http, grpc.key: grpc]
    change.traffic = ["shop/h": policy("h", .route("r")), "shop/g": policy("g", .grpcRoute("r"))]
    #expect(index.change(change).services == ["shop/web"])
    #expect(index.routes(of: "shop/web") == [http, grpc])
    #expect(index.traffic(of: Samples.service("web"), [grpc]).map(\.name) == ["g"])
    #expect(index.traffic(of: Samples.service("web"), [http]).map(\.name) == ["h"])
    change = ConfigurationChange()
    change.routes = [grpc.key: nil]
    #expect(index.change(change).services == ["shop/web"])
    #expect(index.routes(of: "shop/web") == [http])
  }

  @Test("gives a service the policies for its names outside the mesh, of its own namespace, and tells who is touched")
  func hosts() throws {
    var service = Samples.service("web")
    service.hosts = ["api.example.com"]
    var catalog = ResourceCatalog()
    _ = catalog.replace(service)
    _ = catalog.replace(Samples.service("other"))
    var change = ConfigurationChange()
    let elsewhere = TrafficPolicy(namespace: "desk", name: "e", targets: [.host("api.example.com")])
    change.traffic = ["shop/h": policy("h", .host("*.example.com")), "desk/e": elsewhere]
    #expect(catalog.change(change) == [ResourceKey(.service, "shop/web")])
    #expect(catalog.content(of: "shop/web")?.traffic.map(\.fullName) == ["shop/h"])
    #expect(catalog.content(of: "shop/other")?.traffic == [])
    change.traffic = ["shop/h": policy("h", .host("*.example.org"))]
    #expect(catalog.change(change) == [ResourceKey(.service, "shop/web")])
    #expect(catalog.content(of: "shop/web")?.traffic == [])
  }

  @Test("gives a service both, as a proxy reads them")
  func pushed() throws {
    let content = ServiceContent(
      service: Samples.service("web"),
      routes: [route(.http, of: "web"), route(.grpc, of: "web")],
      traffic: [policy("g", .grpcRoute("r"))]
    )
    let read = try ServiceContent(try content.encode(), of: ResourceKey(.service, "shop/web"), for: "shop")
    #expect(read == content)
  }
}
