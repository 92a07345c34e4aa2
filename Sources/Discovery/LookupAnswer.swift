internal import FoundationEssentials
internal import MeshAPI
public import MeshModel
internal import SwiftProtobuf

/// What stands behind an address or a host name.
public struct LookupAnswer: Hashable, Sendable {
  /// The service whose name or virtual address it is, as `namespace/name`; empty for none.
  public var service: String
  /// Whether it is the address of an endpoint of some service.
  public var isEndpoint: Bool
  /// Whether a service that it is an endpoint of tells the truth about clients.
  public var forwardsClients: Bool
  /// Whether a proxy takes the mesh's transport at this address.
  public var isMeshed: Bool
  /// Who that proxy must prove to be; nil where nobody says it, or not all say the same.
  public var identity: SPIFFEID?

  /// An answer.
  public init(
    service: String = "",
    isEndpoint: Bool = false,
    forwardsClients: Bool = false,
    isMeshed: Bool = false,
    identity: SPIFFEID? = nil
  ) {
    self.service = service
    self.isEndpoint = isEndpoint
    self.forwardsClients = forwardsClients
    self.isMeshed = isMeshed
    self.identity = identity
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
    message.isMeshed = isMeshed
    message.meshIdentity = identity?.description ?? ""
    return try message.serializedBytes()
  }

  init(_ bytes: Data, of resource: ResourceKey) throws(ResourceRefusal) {
    let message: Weft_Mesh_V1_Lookup = try .read(bytes, of: resource)
    guard message.service.isEmpty || ServiceName.isRight(message.service) else {
      throw ResourceRefusal(resource, "service", "is not of the form namespace/name")
    }
    var identity: SPIFFEID?
    if !message.meshIdentity.isEmpty {
      do {
        identity = try SPIFFEID(message.meshIdentity)
      } catch {
        throw ResourceRefusal(resource, "mesh_identity", "\(error)")
      }
    }
    self.init(
      service: message.service,
      isEndpoint: message.isEndpoint,
      forwardsClients: message.forwardsClients,
      isMeshed: message.isMeshed,
      identity: identity
    )
  }
}
