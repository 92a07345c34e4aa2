internal import FoundationEssentials
internal import MeshAPI
internal import SwiftProtobuf

/// What stands behind an address or a host name.
public struct LookupAnswer: Hashable, Sendable {
  /// The service whose name or virtual address it is, as `namespace/name`; empty for none.
  public var service: String
  /// Whether it is the address of an endpoint of some service.
  public var isEndpoint: Bool
  /// Whether a service that it is an endpoint of tells the truth about clients.
  public var forwardsClients: Bool

  /// An answer.
  public init(service: String = "", isEndpoint: Bool = false, forwardsClients: Bool = false) {
    self.service = service
    self.isEndpoint = isEndpoint
    self.forwardsClients = forwardsClients
  }

  /// Whether the mesh knows nothing of it.
  var isNothing: Bool { service.isEmpty && !isEndpoint && !forwardsClients }
}

extension LookupAnswer {
  func encode() throws -> Data {
    var message = Weft_Mesh_V1_Lookup()
    message.service = service
    message.isEndpoint = isEndpoint
    message.forwardsClients = forwardsClients
    return try message.serializedBytes()
  }

  init(_ bytes: Data, of resource: ResourceKey) throws(ResourceRefusal) {
    let message: Weft_Mesh_V1_Lookup = try .read(bytes, of: resource)
    guard message.service.isEmpty || ServiceName.isRight(message.service) else {
      throw ResourceRefusal(resource, "service", "is not of the form namespace/name")
    }
    self.init(
      service: message.service,
      isEndpoint: message.isEndpoint,
      forwardsClients: message.forwardsClients
    )
  }
}
