public import MeshModel

/// What the name server answers from: the services that the agent knows now, and the agent's own addresses.
public struct NameTable: Sendable {
  /// Grows with each change; told in the zone's SOA record.
  public let serial: UInt32
  /// Where the name server is reached, for the zone's NS record.
  public let serverAddresses: [IPAddress]
  /// Services that have no name here: theirs is no DNS label, or there are more than `maxServices`.
  public let leftOut: Int

  /// As many as a snapshot may have.
  public static let maxServices = SnapshotLimits.maxServices
  /// Addresses of the name server that are told.
  public static let maxServerAddresses = 4

  private let services: [String: Service]
  private let namespaces: Set<String>
  private let owners: [IPAddress: String]

  /// A table of `services`. Of two with one name the first is taken.
  public init(services: [Service] = [], serverAddresses: [IPAddress] = [], serial: UInt32 = 1) {
    self.serial = serial
    self.serverAddresses = Array(serverAddresses.prefix(Self.maxServerAddresses))
    var byName: [String: Service] = [:]
    var owners: [IPAddress: String] = [:]
    for service in services
    where byName.count < Self.maxServices && LabelSyntax.isDNSLabel(service.name)
      && LabelSyntax.isDNSLabel(service.namespace)
    {
      let key = Self.key(service.name, service.namespace)
      guard byName[key] == nil else { continue }
      byName[key] = service
      for address in service.addresses where owners[address] == nil { owners[address] = key }
    }
    self.services = byName
    self.owners = owners
    namespaces = Set(byName.values.map(\.namespace))
    leftOut = services.count - byName.count
  }

  /// How many services have a name.
  public var count: Int { services.count }

  /// The service of two labels in lower case.
  func service(_ name: String, in namespace: String) -> Service? { services[Self.key(name, namespace)] }

  /// Whether any service lives there.
  func hasNamespace(_ namespace: String) -> Bool { namespaces.contains(namespace) }

  /// The service whose virtual address this is.
  func owner(of address: IPAddress) -> Service? { owners[address].flatMap { services[$0] } }

  private static func key(_ name: String, _ namespace: String) -> String { "\(name).\(namespace)" }
}

extension Service {
  /// Ready endpoints by address, each once, in a stable order.
  var readyAddresses: [IPAddress] {
    Set(ports.flatMap { $0.endpoints.filter(\.isReady).map(\.address.ip) }).sorted()
  }
}

extension Array {
  /// At most `limit` entries, from one that `rotation` chooses on, so that each comes first as often as any other.
  func rotated(by rotation: UInt64, limit: Int) -> [Element] {
    guard count > 1 else { return self }
    let start = Int(rotation % UInt64(count))
    return Array((self[start...] + self[..<start]).prefix(limit))
  }
}
