import MeshAPI
import MeshModel

@testable import Discovery

/// An agent with one stream, as a proxy that writes its own requests sees it.
struct DeltaServerHarness {
  var catalog = ResourceCatalog()
  var server = DeltaServer()
  let node: ProxyNode

  init(_ services: Service...) throws {
    node = try Samples.node()
    for service in services { _ = catalog.replace(service) }
  }

  mutating func send(
    _ type: ResourceType,
    _ names: [String] = [],
    without: [String] = [],
    having: [String: String] = [:],
    nonce: String = "",
    refusal: String? = nil
  ) throws(StreamRefusal) -> [DeltaResponse] {
    var request = DeltaRequest()
    if server.node == nil { request.node = node.message }
    request.typeURL = type.url
    request.resourceNamesSubscribe = names
    request.resourceNamesUnsubscribe = without
    request.initialResourceVersions = having
    request.responseNonce = nonce
    if let refusal { request.errorDetail.message = refusal }
    return try server.receive(request, from: &catalog)
  }

  mutating func put(_ service: Service) -> [DeltaResponse] {
    server.changed(catalog.replace(service), in: &catalog)
  }

  func size(of name: String) -> Int {
    (try? catalog.services[name].map { try EndpointsContent($0).encode().count } ?? 0) ?? 0
  }
}
