public import MeshAPI
public import MeshModel
internal import SwiftProtobuf

/// Who subscribes: a proxy, and the workload it serves.
public struct ProxyNode: Hashable, Sendable {
  /// The proxy's name, one of its host.
  public let id: String
  /// The workload, by whose namespace and labels documents are picked.
  public let workload: Workload
  /// The pod's own addresses, by which the services are found that it is an endpoint of.
  public let addresses: [IPAddress]
  /// Whether it takes the mesh's transport at these addresses, on port 15008.
  public let takesMesh: Bool

  private enum Key {
    static let namespace = "NAMESPACE"
    static let labels = "LABELS"
    static let addresses = "ADDRESSES"
    static let takesMesh = "TAKES_MESH"
  }

  /// A proxy; of more addresses than the limit the first count.
  public init(id: String, workload: Workload, addresses: [IPAddress] = [], takesMesh: Bool = false) {
    self.id = id
    self.workload = workload
    self.takesMesh = takesMesh
    self.addresses = Array(addresses.prefix(DiscoveryLimit.nodeAddresses))
  }

  /// Reads the node of a stream's first request. Metadata that is not ours is read over.
  public init(_ node: Envoy_Config_Core_V3_Node) throws(StreamRefusal) {
    guard !node.id.isEmpty, node.id.utf8.count <= DiscoveryLimit.nodeBytes else {
      throw Self.wrong("id", "is empty or longer than \(DiscoveryLimit.nodeBytes) bytes")
    }
    let fields = node.metadata.fields
    var namespace = Workload.defaultNamespace
    if let value = fields[Key.namespace] {
      guard case .stringValue(let text)? = value.kind else { throw Self.wrong(Key.namespace, "is not a text") }
      namespace = text
    }
    var labels: [String: String] = [:]
    if let value = fields[Key.labels] {
      guard case .structValue(let object)? = value.kind else { throw Self.wrong(Key.labels, "is not an object") }
      for (key, value) in object.fields {
        guard case .stringValue(let text)? = value.kind else {
          throw Self.wrong(Key.labels, "value of \(key) is not a text")
        }
        labels[key] = text
      }
    }
    let workload: Workload
    do throws(WorkloadError) {
      workload = try Workload(namespace: namespace, labels: labels)
    } catch {
      throw Self.wrong("metadata", "\(error)")
    }
    self.init(
      id: node.id,
      workload: workload,
      addresses: try Self.addresses(fields[Key.addresses]),
      takesMesh: try Self.flag(Key.takesMesh, fields)
    )
  }

  private static func flag(
    _ key: String,
    _ fields: [String: Google_Protobuf_Value]
  ) throws(StreamRefusal) -> Bool {
    guard let value = fields[key] else { return false }
    guard case .boolValue(let flag)? = value.kind else { throw wrong(key, "is not a truth value") }
    return flag
  }

  private static func addresses(_ value: Google_Protobuf_Value?) throws(StreamRefusal) -> [IPAddress] {
    guard let value else { return [] }
    guard case .listValue(let list)? = value.kind else { throw wrong(Key.addresses, "is not a list") }
    guard list.values.count <= DiscoveryLimit.nodeAddresses else {
      throw wrong(Key.addresses, "has \(list.values.count) entries, more than \(DiscoveryLimit.nodeAddresses)")
    }
    var addresses: [IPAddress] = []
    for value in list.values {
      guard case .stringValue(let text)? = value.kind, let address = IPAddress(text) else {
        throw wrong(Key.addresses, "has an entry that is no address")
      }
      addresses.append(address)
    }
    return addresses
  }

  private static func wrong(_ place: String, _ message: String) -> StreamRefusal {
    StreamRefusal(.invalidArgument, "node: \(place): \(message)")
  }

  /// The message that the initializer reads.
  public var message: Envoy_Config_Core_V3_Node {
    var node = Envoy_Config_Core_V3_Node()
    node.id = id
    node.userAgentName = "weft-proxy"
    node.userAgentVersion = Release.version
    var labels = Google_Protobuf_Struct()
    for (key, value) in workload.labels { labels.fields[key] = Google_Protobuf_Value(stringValue: value) }
    var list = Google_Protobuf_ListValue()
    list.values = addresses.map { Google_Protobuf_Value(stringValue: $0.description) }
    var metadata = Google_Protobuf_Struct()
    metadata.fields = [
      Key.namespace: Google_Protobuf_Value(stringValue: workload.namespace),
      Key.labels: Google_Protobuf_Value(structValue: labels),
      Key.addresses: Google_Protobuf_Value(listValue: list),
    ]
    if takesMesh { metadata.fields[Key.takesMesh] = Google_Protobuf_Value(boolValue: true) }
    node.metadata = metadata
    return node
  }
}
