public import MeshModel
public import Policy

/// What a proxy holds of the mesh: what programs asked for, the services behind it, and the policies of its workload. Of
/// these it makes the snapshot that workers decide by.
///
/// Wants come in, resources come in; subscriptions, settled lookups and snapshots go out. Nothing of a resource is used
/// before all that its routes lead to is here too: until then what was in force stays.
public struct ProxyView: Sendable {
  /// A resource to subscribe to, or not any more.
  public struct SubscriptionChange: Hashable, Sendable {
    /// Which.
    public let key: ResourceKey
    /// Whether it is wanted.
    public let isWanted: Bool
  }

  /// Whether a connection may go on that waits for a lookup.
  public enum Settlement: Hashable, Sendable {
    case settled
    case pending
  }

  /// How much a view may hold.
  public struct Limits: Sendable {
    /// Host names asked for.
    public var hosts = DiscoveryLimit.hostLookups
    /// Addresses asked for.
    public var addresses = DiscoveryLimit.addressLookups
    /// Services held.
    public var services = DiscoveryLimit.services

    /// Those of `DiscoveryLimit`.
    public init() {}
  }

  struct Lookup: Sendable {
    /// Nil: not answered. An answer of nothing: the mesh does not know it.
    var answer: LookupAnswer?
    /// The view's own clock.
    var wanted: UInt64
  }

  /// The namespace of the workload.
  public let namespace: String
  let limits: Limits
  var clock: UInt64 = 0
  var hosts: [LookupKey: Lookup] = [:]
  var addresses: [LookupKey: Lookup] = [:]
  var services: [String: HeldService] = [:]
  var policies: PoliciesContent?
  /// Services that lead to one that is not here yet, themselves included.
  var incomplete: Set<String> = []
  /// Lookups that somebody was told to wait for.
  var waiting: Set<LookupKey> = []
  var settled: [LookupKey] = []
  var changes: [SubscriptionChange] = [SubscriptionChange(key: .policies, isWanted: true)]
  var isChanged = false
  /// Whether there was a snapshot before.
  var hasBegun = false

  /// Addresses of endpoints, of those that were asked for: who dials from them is in the mesh.
  public internal(set) var peers: [IPAddress: PeerStanding] = [:]
  /// Services left out because there were more than the limit.
  public internal(set) var leftOut = 0

  /// A view that holds nothing and wants the policies of its workload.
  public init(_ workload: Workload, limits: Limits = Limits()) {
    namespace = workload.namespace
    self.limits = limits
  }

  /// What is to be subscribed to and not, since the last time, in order.
  public mutating func takeSubscriptions() -> [SubscriptionChange] {
    defer { changes = [] }
    return changes
  }

  /// The lookups that were waited for and may go on, since the last time.
  public mutating func takeSettled() -> [LookupKey] {
    defer { settled = [] }
    return settled
  }

  /// Services that it holds, those not yet known included.
  public var serviceCount: Int { services.count }

  /// Lookups that it holds.
  public var lookupCount: Int { hosts.count + addresses.count }

  mutating func tick() -> UInt64 {
    clock += 1
    return clock
  }
}
