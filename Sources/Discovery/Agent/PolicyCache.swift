internal import MeshModel

/// The policies of the workloads that asked, until they change.
///
/// It also tells whose policies a change of endpoints can be of: every workload that has been told something is in here.
/// With more workloads than it holds that is not so any more, and from then on every such change is one to all.
struct PolicyCache: Sendable {
  private struct Key: Hashable {
    let workload: Workload
    let addresses: [IPAddress]

    init(_ node: ProxyNode) {
      workload = node.workload
      addresses = node.addresses
    }
  }

  private var resources: [Key: EncodedResource] = [:]
  /// How many workloads of `resources` have an address.
  private var addresses: [IPAddress: Int] = [:]
  private var hasForgotten = false
  /// Bytes of all of them.
  private(set) var bytes = 0
  private let limit: Int

  init(limit: Int = DiscoveryLimit.workloads) { self.limit = limit }

  subscript(_ node: ProxyNode) -> EncodedResource? { resources[Key(node)] }

  mutating func put(_ resource: EncodedResource, for node: ProxyNode) {
    let key = Key(node)
    remove(key)
    if resources.count >= limit || bytes + resource.body.count > DiscoveryLimit.cacheBytes {
      resources.removeAll()
      addresses.removeAll()
      bytes = 0
      hasForgotten = true
    }
    resources[key] = resource
    bytes += resource.body.count
    for address in key.addresses { addresses[address, default: 0] += 1 }
  }

  /// Documents of these namespaces changed.
  mutating func forget(namespaces: Set<String>) {
    for key in resources.keys where namespaces.contains(key.workload.namespace) { remove(key) }
  }

  /// Documents changed that are for workloads of every namespace.
  mutating func forgetAll() {
    for key in Array(resources.keys) { remove(key) }
  }

  /// These addresses became endpoints of a service, or are none of it any more. Returns whether workloads may have other
  /// policies for that.
  mutating func forget(addresses changed: Set<IPAddress>) -> Bool {
    guard !changed.isEmpty else { return false }
    let known = changed.filter { addresses[$0] != nil }
    if !known.isEmpty {
      for key in resources.keys where key.addresses.contains(where: known.contains) { remove(key) }
    }
    return hasForgotten || !known.isEmpty
  }

  private mutating func remove(_ key: Key) {
    guard let old = resources.removeValue(forKey: key) else { return }
    bytes -= old.body.count
    for address in key.addresses {
      addresses[address, default: 0] -= 1
      if addresses[address] == 0 { addresses[address] = nil }
    }
  }
}
