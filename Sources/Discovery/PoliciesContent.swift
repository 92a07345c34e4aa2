internal import FoundationEssentials
internal import MeshAPI
internal import MeshModel
internal import SwiftProtobuf

/// What is in force at a workload, whoever it talks to.
struct PoliciesContent: Hashable, Sendable {
  /// NetworkPolicies that select it.
  var policies: [NetworkPolicy] = []
  /// Authorizations, authentications of requests and peers, telemetry and sidecars of it; nothing else.
  var mesh = MeshConfiguration()
  /// The services that it is an endpoint of, as `namespace/name`.
  var ownServices: [String] = []
}

extension PoliciesContent {
  func encode() throws -> Data {
    var message = Weft_Mesh_V1_Policies()
    message.networkPoliciesJson = try policies.map { try DocumentJSON.encode($0) }
    message.meshJson = try DocumentJSON.encode(mesh)
    message.ownServices = ownServices
    return try message.serializedBytes()
  }

  init(_ bytes: Data, of resource: ResourceKey) throws(ResourceRefusal) {
    let message: Weft_Mesh_V1_Policies = try .read(bytes, of: resource)
    policies = try DocumentJSON.decode(list: message.networkPoliciesJson, NetworkPolicy.self, of: resource, "policies")
    mesh = try DocumentJSON.decode(MeshConfiguration.self, message.meshJson, of: resource, "mesh")
    guard mesh.services.isEmpty, mesh.routes.isEmpty, mesh.traffic.isEmpty else {
      throw ResourceRefusal(resource, "mesh", "has services, routes or traffic policies, which come with each service")
    }
    ownServices = message.ownServices
    guard ownServices.count <= DiscoveryLimit.ownServices else {
      throw ResourceRefusal(
        resource,
        "own_services",
        "\(ownServices.count) are more than the \(DiscoveryLimit.ownServices) allowed"
      )
    }
    for (index, name) in ownServices.enumerated() where !ServiceName.isRight(name) {
      throw ResourceRefusal(resource, "own_services[\(index)]", "is not of the form namespace/name")
    }
    try DocumentJSON.validate(policies: policies, mesh: mesh, of: resource)
  }
}
