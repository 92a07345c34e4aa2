internal import FoundationEssentials
internal import MeshAPI
internal import MeshModel
internal import SwiftProtobuf

/// A service without its endpoints, and what documents say of requests to it.
struct ServiceContent: Hashable, Sendable {
  var service: Service
  var routes: [HTTPRoute]
  var traffic: [TrafficPolicy]

  /// The services that its routes lead to, copies included: without them it cannot be used as its documents say.
  var backends: Set<String> {
    var names: Set<String> = []
    for route in routes {
      for rule in route.rules {
        for backend in rule.backends { names.insert("\(backend.namespace)/\(backend.service)") }
        for case .mirror(let backend, _) in rule.filters { names.insert("\(backend.namespace)/\(backend.service)") }
      }
    }
    names.remove(service.fullName)
    return names
  }
}

extension ServiceContent {
  func encode() throws -> Data {
    var message = Weft_Mesh_V1_Service()
    message.serviceJson = try DocumentJSON.encode(service)
    message.routesJson = try routes.map { try DocumentJSON.encode($0) }
    message.trafficJson = try traffic.map { try DocumentJSON.encode($0) }
    return try message.serializedBytes()
  }

  /// Reads a resource for a workload of `namespace`, and leaves out routes that are not for its requests: those of
  /// namespaces that are neither its own nor the service's.
  init(_ bytes: Data, of resource: ResourceKey, for namespace: String) throws(ResourceRefusal) {
    let message: Weft_Mesh_V1_Service = try .read(bytes, of: resource)
    service = try DocumentJSON.decode(Service.self, message.serviceJson, of: resource, "service")
    guard service.fullName == resource.name else {
      throw ResourceRefusal(resource, "service", "is called \(service.fullName)")
    }
    guard service.ports.allSatisfy({ $0.endpoints.isEmpty }) else {
      throw ResourceRefusal(resource, "service", "has endpoints, which are a resource of their own")
    }
    routes = try DocumentJSON.decode(list: message.routesJson, HTTPRoute.self, of: resource, "routes")
    traffic = try DocumentJSON.decode(list: message.trafficJson, TrafficPolicy.self, of: resource, "traffic")
    try DocumentJSON.validate(
      mesh: MeshConfiguration(services: [service], routes: routes, traffic: traffic),
      of: resource
    )
    routes.removeAll { $0.namespace != namespace && $0.namespace != service.namespace }
  }
}
