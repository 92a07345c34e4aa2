public import MeshModel

/// Which service has which virtual addresses: an IPv4 of 240.0.0.0/4, which is nobody's (RFC 1112 section 4), and an IPv6
/// of the mesh's own /48 (RFC 4193). No two services share one.
///
/// Where a service's search for a free address starts depends on its name alone, so agents that do not know of each
/// other nearly always agree; what was given before is kept over restarts by `restore`.
public struct VirtualAddresses: Sendable {
  /// Where IPv4 addresses are taken from.
  public static let v4Block = IPPrefix("240.0.0.0/4")
  /// Kept for the mesh's own use; no service gets one of these.
  public static let reservedBlock = IPPrefix("240.0.0.0/24")
  /// The first IPv4 address behind the reserved ones, and the last before 255.255.255.255, which means all hosts.
  static let firstV4: UInt32 = 0xf000_0100, lastV4: UInt32 = 0xffff_fffe
  /// As many last parts of IPv6 addresses as of IPv4 ones are kept.
  static let reservedV6: UInt64 = 0x100
  /// Names that have addresses or had some lately: twice as many as a snapshot has services.
  public static let limit = 2 * SnapshotLimits.maxServices
  /// How long the addresses of a service that is gone are nobody's, in milliseconds: programs keep an address that they
  /// resolved far longer than its record allows, and must not find another service there.
  public static let quarantine_ms: Int64 = 3_600_000

  /// Leading bits that all IPv6 addresses share (RFC 4193 section 3.1).
  public static let v6Length = 48
  /// Where IPv6 addresses are taken from: fd00::/8 and 40 bits that depend on the mesh, of length `v6Length`.
  public let v6Network: IPAddress
  private var byName: [ServiceName: VirtualAssignment] = [:]
  private var v4Owners: [UInt32: ServiceName] = [:]
  private var v6Owners: [UInt64: ServiceName] = [:]
  /// Names whose services are gone.
  private var released: Set<ServiceName> = []

  private struct ServiceName: Hashable {
    let namespace: String
    let name: String
  }

  /// Addresses of the mesh of this name, such as its trust domain; meshes of different names do not share IPv6 addresses.
  public init(mesh: String) {
    var hash = NameHash()
    hash.combine(mesh)
    v6Network = IPAddress(high: 0xfd << 56 | (hash.value >> 24) << 16, low: 0)
  }

  /// All assignments in the order of names, those of services that are gone included: what `restore` takes.
  public var assignments: [VirtualAssignment] {
    byName.values.sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
  }

  /// The addresses of a service that is there.
  public func assignment(namespace: String, name: String) -> VirtualAssignment? {
    byName[ServiceName(namespace: namespace, name: name)].flatMap { $0.released_ms == nil ? $0 : nil }
  }

  /// Takes assignments from before a restart. Those that lie elsewhere now or contradict others are left out, and given
  /// back.
  public mutating func restore(_ assignments: [VirtualAssignment]) -> [VirtualAssignment] {
    assignments.filter { assignment in
      let name = ServiceName(namespace: assignment.namespace, name: assignment.name)
      let (v4, v6) = (assignment.v4.v4, assignment.v6.low)
      let isOurs =
        assignment.v4.isIPv4 && (Self.firstV4...Self.lastV4).contains(v4)
        && assignment.v6.high == v6Network.high && v6 >= Self.reservedV6
      guard isOurs, byName.count < Self.limit, byName[name] == nil, v4Owners[v4] == nil, v6Owners[v6] == nil else {
        return true
      }
      byName[name] = assignment
      if assignment.released_ms != nil { released.insert(name) }
      v4Owners[v4] = name
      v6Owners[v6] = name
      return false
    }
  }

  /// The addresses of a service: those it has, had lately, or new ones; nil where `limit` is reached.
  public mutating func assign(namespace: String, name: String) -> VirtualAssignment? {
    let service = ServiceName(namespace: namespace, name: name)
    if var known = byName[service] {
      known.released_ms = nil
      byName[service] = known
      released.remove(service)
      return known
    }
    guard byName.count < Self.limit else { return nil }
    var hash = NameHash()
    hash.combine(namespace)
    hash.combine(name)
    // Both searches end: there are far more addresses than `limit`.
    let count = UInt64(Self.lastV4 - Self.firstV4) + 1
    var v4 = Self.firstV4 + UInt32(hash.value % count)
    while v4Owners[v4] != nil { v4 = v4 == Self.lastV4 ? Self.firstV4 : v4 + 1 }
    var v6 = max(hash.value, Self.reservedV6)
    while v6Owners[v6] != nil { v6 = v6 == .max ? Self.reservedV6 : v6 + 1 }
    let assignment = VirtualAssignment(
      namespace: namespace,
      name: name,
      v4: IPAddress(v4: v4),
      v6: IPAddress(high: v6Network.high, low: v6)
    )
    byName[service] = assignment
    v4Owners[v4] = service
    v6Owners[v6] = service
    return assignment
  }

  /// A service is gone, at `now_ms` of Unix time. Its addresses stay its own for `quarantine_ms`. What changed, to be
  /// written down; nil where it was gone already, or never there.
  @discardableResult
  public mutating func release(namespace: String, name: String, now_ms: Int64) -> VirtualAssignment? {
    let service = ServiceName(namespace: namespace, name: name)
    guard var known = byName[service], known.released_ms == nil else { return nil }
    known.released_ms = now_ms
    byName[service] = known
    released.insert(service)
    return known
  }

  /// Gives back what has been nobody's for long enough at `now_ms` of Unix time, and says what that was. It costs a look
  /// at those that are gone, not at all.
  @discardableResult
  public mutating func expire(now_ms: Int64) -> [VirtualAssignment] {
    let gone = released
    return gone.compactMap { service in
      guard let assignment = byName[service], let released_ms = assignment.released_ms,
        now_ms - released_ms >= Self.quarantine_ms
      else { return nil }
      released.remove(service)
      byName[service] = nil
      v4Owners[assignment.v4.v4] = nil
      v6Owners[assignment.v6.low] = nil
      return assignment
    }
  }
}
