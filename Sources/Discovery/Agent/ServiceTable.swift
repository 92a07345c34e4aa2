internal import MeshModel

/// The services of the mesh, found by name, by virtual address, and by the addresses of their endpoints.
struct ServiceTable: Sendable {
  /// Services by number; a free place is nil.
  private(set) var services: [Service?] = []
  private var free: [UInt32] = []
  private var numbers: [String: UInt32] = [:]
  /// Who claims a virtual address.
  private var claims: [IPAddress: OwnerSet] = [:]
  /// Who has an endpoint at an address.
  private var serving: [IPAddress: OwnerSet] = [:]

  /// Those that programs know by names that are none of the mesh's (a ServiceEntry's `hosts`).
  private(set) var outside: Set<String> = []

  /// How many there are.
  var count: Int { numbers.count }

  /// Every service, in no order.
  var all: some Sequence<Service> { services.lazy.compactMap { $0 } }

  /// The service called `namespace/name`.
  subscript(_ name: String) -> Service? { numbers[name].flatMap { services[Int($0)] } }

  /// The service of a virtual address: of several that claim it the first by name, the others then go without.
  func owner(of address: IPAddress) -> String? { claimants(of: address).min() }

  /// All that claim a virtual address.
  func claimants(of address: IPAddress) -> [String] { names(claims[address]) }

  /// The services that have an endpoint at an address, by name.
  func serving(_ address: IPAddress) -> [String] { names(serving[address]).sorted() }

  /// Writes what an address is, apart from a virtual one, into an answer.
  func describe(_ address: IPAddress, in answer: inout LookupAnswer) {
    guard let owners = serving[address]?.owners else { return }
    let known = owners.compactMap { services[Int($0)] }
    answer.isEndpoint = true
    answer.forwardsClients = known.contains(where: \.forwardsClients)
    let meshed = known.flatMap { $0.ports.flatMap { $0.endpoints.filter { $0.isMeshed && $0.address.ip == address } } }
    answer.isMeshed = !meshed.isEmpty
    // One proxy is behind an address; where services differ about whose it is, nobody can be dialled by it.
    let identities = Set(meshed.map(\.identity))
    answer.identity = identities.count == 1 ? identities.first ?? nil : nil
  }

  private func names(_ owners: OwnerSet?) -> [String] {
    owners?.owners.compactMap { services[Int($0)]?.fullName } ?? []
  }

  /// Puts a service in place of what its name had.
  mutating func put(_ service: Service, endpoints: AddressChange, addresses: AddressChange) {
    let number = numbers[service.fullName] ?? number(for: service.fullName)
    services[Int(number)] = service
    if service.hosts.isEmpty { outside.remove(service.fullName) } else { outside.insert(service.fullName) }
    index(number, endpoints, addresses)
  }

  /// Takes a service away.
  mutating func remove(_ name: String, endpoints: AddressChange, addresses: AddressChange) {
    guard let number = numbers.removeValue(forKey: name) else { return }
    index(number, endpoints, addresses)
    services[Int(number)] = nil
    outside.remove(name)
    free.append(number)
  }

  private mutating func number(for name: String) -> UInt32 {
    let number = free.popLast() ?? UInt32(services.count)
    if Int(number) == services.count { services.append(nil) }
    numbers[name] = number
    return number
  }

  private mutating func index(_ number: UInt32, _ endpoints: AddressChange, _ addresses: AddressChange) {
    for address in endpoints.gone { serving.remove(number, at: address) }
    for address in endpoints.come { serving.add(number, at: address) }
    for address in addresses.gone { claims.remove(number, at: address) }
    for address in addresses.come { claims.add(number, at: address) }
  }
}

/// Addresses that a service had, and those that it has.
struct AddressChange {
  let before: Set<IPAddress>
  let after: Set<IPAddress>
  var gone: Set<IPAddress> { before.subtracting(after) }
  var come: Set<IPAddress> { after.subtracting(before) }
  /// Those that only one of the two has.
  var differing: Set<IPAddress> { before.symmetricDifference(after) }

  static func virtual(_ before: Service?, _ after: Service?) -> AddressChange {
    AddressChange(before: Set(before?.addresses ?? []), after: Set(after?.addresses ?? []))
  }

  /// Of endpoints, ready or not: who dials from them is in the mesh either way.
  static func endpoints(_ before: Service?, _ after: Service?) -> AddressChange {
    AddressChange(before: addresses(of: before), after: addresses(of: after))
  }

  private static func addresses(of service: Service?) -> Set<IPAddress> {
    guard let service else { return [] }
    var addresses: Set<IPAddress> = []
    for port in service.ports {
      for endpoint in port.endpoints { addresses.insert(endpoint.address.ip) }
    }
    return addresses
  }

  /// The addresses at which a service has other proxies, or another's, than before.
  static func remeshed(_ before: Service?, _ after: Service?) -> Set<IPAddress> {
    Set(proxies(of: before).symmetricDifference(proxies(of: after)).map(\.address))
  }

  private struct Proxy: Hashable {
    let address: IPAddress
    let identity: SPIFFEID?
  }

  private static func proxies(of service: Service?) -> Set<Proxy> {
    var proxies: Set<Proxy> = []
    for port in service?.ports ?? [] {
      for endpoint in port.endpoints where endpoint.isMeshed {
        proxies.insert(Proxy(address: endpoint.address.ip, identity: endpoint.identity))
      }
    }
    return proxies
  }
}
