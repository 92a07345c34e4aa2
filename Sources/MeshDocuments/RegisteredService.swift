public import MeshModel
public import Registry

/// A service that hosts registered: what all of them say of it.
public struct RegisteredService: Sendable {
  /// Its namespace.
  public var namespace: String
  /// Its name.
  public var name: String
  /// What each instance of each host says, in any order; none where only the addresses are known.
  public var instances: [EndpointsRecord]
  /// The addresses that the mesh gives to it.
  public var virtualAddresses: [IPAddress]

  /// A service of these instances.
  public init(
    namespace: String,
    name: String,
    instances: [EndpointsRecord] = [],
    virtualAddresses: [IPAddress] = []
  ) {
    self.namespace = namespace
    self.name = name
    self.instances = instances
    self.virtualAddresses = virtualAddresses
  }

  /// Its ports with their endpoints, in order of their numbers.
  ///
  /// Ports of one name are one port, whatever their numbers: a client dials the number that most instances have, the
  /// lowest of several. Ports without a name are one if their numbers are.
  var ports: [Service.Port] {
    var groups: [PortName: Group] = [:]
    for instance in instances {
      for port in instance.ports {
        let name: PortName = port.name.isEmpty ? .number(port.port) : .name(port.name)
        groups[name, default: Group()].add(port, instance.endpoints(port))
      }
    }
    var ports: [UInt16: (name: String, group: Group)] = [:]
    for (name, group) in groups.sorted(by: { $0.key < $1.key }) {
      let text = if case .name(let text) = name { text } else { "" }
      // The same number under two names, or with and without one, is one port all the same.
      ports[group.number, default: (text, Group())].group.merge(group)
    }
    return ports.sorted { $0.key < $1.key }.map { number, port in
      Service.Port(
        name: port.name,
        port: number,
        appProtocol: port.group.appProtocol,
        endpoints: EndpointMerge.merged(port.group.endpoints)
      )
    }
  }

  private enum PortName: Hashable, Comparable {
    case name(String)
    case number(UInt16)
  }

  private struct Group {
    var numbers: [UInt16: Int] = [:]
    var protocols: Set<Service.AppProtocol> = []
    var endpoints: [[Endpoint]] = []

    mutating func add(_ port: Registration.Port, _ new: [Endpoint]) {
      numbers[port.port, default: 0] += 1
      if port.appProtocol != .unspecified { protocols.insert(port.appProtocol) }
      endpoints.append(new)
    }

    mutating func merge(_ other: Group) {
      numbers.merge(other.numbers, uniquingKeysWith: +)
      protocols.formUnion(other.protocols)
      endpoints += other.endpoints
    }

    var number: UInt16 { numbers.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0 }

    /// What is spoken where all who say it agree; else each connection shows it.
    var appProtocol: Service.AppProtocol {
      protocols.count == 1 ? protocols.first ?? .unspecified : .unspecified
    }
  }
}
