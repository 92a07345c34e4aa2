public import MeshModel

/// What the name server answers from: the services that the agent knows now, and the agent's own addresses.
///
/// One service changes without a look at the others: of 10,000 services a hundred may change each second.
public struct NameTable: Sendable {
  /// Grows with each change; told in the zone's SOA record.
  public private(set) var serial: UInt32
  /// Where the name server is reached, for the zone's NS record.
  public let serverAddresses: [IPAddress]

  /// As many as a snapshot may have.
  public static let maxServices = SnapshotLimits.maxServices
  /// Addresses of the name server that are told.
  public static let maxServerAddresses = 4

  private var services: [String: Service] = [:]
  /// How many services live in each namespace.
  private var namespaces: [String: Int] = [:]
  private var owners: [IPAddress: String] = [:]
  /// Services that have a virtual address of another's too, by it; the first gets the name where the other leaves.
  private var rivals: [IPAddress: [String]] = [:]
  /// Names that have no place here, at most `maxServices`.
  private var nameless: Set<String> = []
  /// Services of `init` whose name another had.
  private var doubles = 0

  /// A table of `services`. Of two with one name the first is taken.
  public init(services: [Service] = [], serverAddresses: [IPAddress] = [], serial: UInt32 = 1) {
    self.serial = serial
    self.serverAddresses = Array(serverAddresses.prefix(Self.maxServerAddresses))
    for service in services {
      if self.services[Self.key(service)] == nil { insert(service) } else { doubles += 1 }
    }
  }

  /// How many services have a name.
  public var count: Int { services.count }

  /// Services that have no name here: theirs is no DNS label, there are more than `maxServices`, or another has it.
  public var leftOut: Int { nameless.count + doubles }

  /// Takes a service, in place of one of the same name. One that finds the table full gets a name when it is put again
  /// after others left.
  public mutating func put(_ service: Service) {
    guard services[Self.key(service)] != service else { return }
    serial &+= 1
    insert(service)
  }

  /// A service is gone.
  public mutating func remove(_ name: String, in namespace: String) {
    let key = Self.key(name, namespace)
    nameless.remove(key)
    guard let service = services.removeValue(forKey: key) else { return }
    serial &+= 1
    namespaces[namespace, default: 1] -= 1
    if namespaces[namespace] == 0 { namespaces[namespace] = nil }
    for address in service.addresses { disown(address, key) }
  }

  private mutating func insert(_ service: Service) {
    let key = Self.key(service)
    let old = services[key]
    guard old != nil || hasRoom(for: service) else {
      if nameless.count < Self.maxServices { nameless.insert(key) }
      return
    }
    nameless.remove(key)
    services[key] = service
    if old == nil { namespaces[service.namespace, default: 0] += 1 }
    guard old?.addresses != service.addresses else { return }
    for address in old?.addresses ?? [] { disown(address, key) }
    for address in service.addresses { own(address, key) }
  }

  private func hasRoom(for service: Service) -> Bool {
    services.count < Self.maxServices && LabelSyntax.isDNSLabel(service.name)
      && LabelSyntax.isDNSLabel(service.namespace)
  }

  private mutating func own(_ address: IPAddress, _ key: String) {
    guard let owner = owners[address] else {
      owners[address] = key
      return
    }
    if owner != key { rivals[address, default: []].append(key) }
  }

  private mutating func disown(_ address: IPAddress, _ key: String) {
    var waiting = rivals[address] ?? []
    waiting.removeAll { $0 == key }
    if owners[address] == key { owners[address] = waiting.isEmpty ? nil : waiting.removeFirst() }
    rivals[address] = waiting.isEmpty ? nil : waiting
  }

  /// The service of two labels in lower case.
  func service(_ name: String, in namespace: String) -> Service? { services[Self.key(name, namespace)] }

  /// Whether any service lives there.
  func hasNamespace(_ namespace: String) -> Bool { namespaces[namespace] != nil }

  /// The service whose virtual address this is.
  func owner(of address: IPAddress) -> Service? { owners[address].flatMap { services[$0] } }

  private static func key(_ service: Service) -> String { key(service.name, service.namespace) }

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
