internal import FoundationEssentials
internal import MeshAPI
internal import MeshModel
internal import SwiftProtobuf

/// The endpoints of a service, by the service's ports. They change all the time, so they do not travel as JSON.
struct EndpointsContent: Hashable, Sendable {
  var ports: [UInt16: [Endpoint]] = [:]

  /// How many there are on all ports.
  var count: Int { ports.values.reduce(0) { $0 + $1.count } }

  init() {}

  init(_ service: Service) {
    for port in service.ports where !port.endpoints.isEmpty { ports[port.port] = port.endpoints }
  }
}

extension EndpointsContent {
  func encode() throws -> Data {
    var message = Weft_Mesh_V1_Endpoints()
    // Most services have one identity, and its text is four times what else there is of an endpoint.
    var numbers: [SPIFFEID: UInt32] = [:]
    for identity in Set(ports.values.joined().compactMap(\.identity)).sorted() {
      message.identities.append(identity.description)
      numbers[identity] = UInt32(message.identities.count)
    }
    message.ports = ports.sorted { $0.key < $1.key }
      .map { number, endpoints in
        var port = Weft_Mesh_V1_Endpoints.Port()
        port.port = UInt32(number)
        port.endpoints = endpoints.map { endpoint in
          var message = Weft_Mesh_V1_Endpoints.Endpoint()
          message.address = endpoint.address.ip.networkOrder
          message.port = UInt32(endpoint.address.port)
          message.isUnready = !endpoint.isReady
          message.zone = endpoint.zone
          message.identity = endpoint.identity.flatMap { numbers[$0] } ?? 0
          message.isMeshed = endpoint.isMeshed
          return message
        }
        return port
      }
    return try message.serializedBytes()
  }

  init(_ bytes: Data, of resource: ResourceKey) throws(ResourceRefusal) {
    let message: Weft_Mesh_V1_Endpoints = try .read(bytes, of: resource)
    guard message.ports.count <= SnapshotLimits.maxServicePorts else {
      throw ResourceRefusal(resource, "ports", "\(message.ports.count) are more than \(SnapshotLimits.maxServicePorts)")
    }
    let identities = try Self.identities(message.identities, of: resource)
    for (index, port) in message.ports.enumerated() {
      let place = "ports[\(index)]"
      guard let number = UInt16(exactly: port.port), number > 0 else {
        throw ResourceRefusal(resource, place, "\(port.port) is no port")
      }
      guard port.endpoints.count <= SnapshotLimits.maxPortEndpoints else {
        let limit = SnapshotLimits.maxPortEndpoints
        throw ResourceRefusal(resource, place, "\(port.endpoints.count) endpoints are more than \(limit)")
      }
      var endpoints: [Endpoint] = []
      endpoints.reserveCapacity(port.endpoints.count)
      for (index, endpoint) in port.endpoints.enumerated() {
        guard let read = Endpoint(endpoint, identities) else {
          throw ResourceRefusal(resource, "\(place).endpoints[\(index)]", "is no address, port, zone and identity")
        }
        endpoints.append(read)
      }
      guard ports.updateValue(endpoints, forKey: number) == nil else {
        throw ResourceRefusal(resource, place, "port \(number) is given twice")
      }
    }
  }
}

extension EndpointsContent {
  /// Each is read once, and its text is shared by all endpoints that have it.
  private static func identities(
    _ texts: [String],
    of resource: ResourceKey
  ) throws(ResourceRefusal) -> [SPIFFEID] {
    let limit = SnapshotLimits.maxServicePorts * SnapshotLimits.maxPortEndpoints
    guard texts.count <= limit else {
      throw ResourceRefusal(resource, "identities", "\(texts.count) are more than \(limit)")
    }
    var identities: [SPIFFEID] = []
    identities.reserveCapacity(texts.count)
    for (index, text) in texts.enumerated() {
      do throws(SPIFFEIDError) { identities.append(try SPIFFEID(text)) } catch {
        throw ResourceRefusal(resource, "identities[\(index)]", "\(error)")
      }
    }
    return identities
  }
}

extension Endpoint {
  /// Nil for what a snapshot would refuse.
  fileprivate init?(_ message: Weft_Mesh_V1_Endpoints.Endpoint, _ identities: [SPIFFEID]) {
    guard let ip = IPAddress(networkOrder: message.address), !ip.isUnspecified,
      let port = UInt16(exactly: message.port), port > 0, LabelSyntax.isValue(message.zone)
    else { return nil }
    guard message.identity <= identities.count else { return nil }
    self.init(
      SocketAddress(ip, port: port),
      isReady: !message.isUnready,
      zone: message.zone,
      identity: message.identity == 0 ? nil : identities[Int(message.identity) - 1],
      isMeshed: message.isMeshed
    )
  }
}

extension IPAddress {
  /// Four or sixteen bytes.
  fileprivate var networkOrder: Data {
    if isIPv4 { return withUnsafeBytes(of: v4.bigEndian) { Data($0) } }
    return withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Data($0) }
  }

  /// Nil for another number of bytes.
  fileprivate init?(networkOrder bytes: Data) {
    switch bytes.count {
    case 4: self.init(v4: bytes.reduce(0) { $0 << 8 | UInt32($1) })
    case 16:
      self.init(
        high: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
        low: bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
      )
    default: return nil
    }
  }
}
