internal import Explanations
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// The policies in force: where they come from, which revision, and what happened at the last reload.
final class SnapshotStore {
  let path: String?
  let workload: Workload
  private(set) var table: PolicyTable
  private(set) var rules: RequestRules
  /// What is odd about it.
  private(set) var review: MeshReview
  /// Counts the snapshots that numbered things anew, 0 before the first; the workers keep it with each verdict.
  private(set) var version: UInt32 = 0
  private(set) var loadedAt_us: UInt64?
  private(set) var lastError: String?
  /// Snapshots taken into use and refused since the start, for metrics.
  private(set) var loads: UInt64 = 0
  private(set) var rejects: UInt64 = 0
  /// The pod's own, at which others reach it.
  var addresses: [IPAddress] = []

  /// The addresses of hosts that endpoints have, as far as they are known.
  private var hostAddresses: [String: [IPAddress]] = [:]
  private var endpointHosts: Set<String> = []
  private var hasOtherHosts = false

  /// What became of documents that came.
  enum Change {
    case none
    /// With the number of the one before where it differs from that in endpoints and peers alone.
    case adopted(PolicyTable, version: UInt32, RequestRules)
    /// Refused whole; the old one stays. Told once per distinct reason.
    case refused(String)
  }

  init(path: String?, workload: Workload) {
    self.path = path
    self.workload = workload
    table = PolicyTable(nil, for: workload)
    rules = RequestRules(.empty, for: workload, version: 0)
    review = MeshReview(rules.table, tokens: nil)
  }

  /// Reads the file again. Anything wrong with it leaves everything as it was.
  func reload() -> Change {
    guard let path else { return .none }
    do {
      let bytes = try FileContents.read(path, limit: SnapshotLimits.maxFileBytes)
      let snapshot = try Snapshot.decode(bytes)
      lastError = nil
      guard snapshot.revision != table.snapshot?.revision else { return .none }
      take(snapshot, peers: [:])
      return .adopted(table, version: version, rules)
    } catch {
      let reason = "\(path): \(error)"
      guard reason != lastError else { return .none }
      lastError = reason
      rejects += 1
      return .refused(reason)
    }
  }

  /// Takes a snapshot into use that is made of what an agent sent, and with it what is said of peers.
  func adopt(_ snapshot: Snapshot, peers: [IPAddress: PeerStanding]) -> Change {
    guard snapshot.revision != table.snapshot?.revision || peers != rules.peers else { return .none }
    take(snapshot, peers: peers)
    return .adopted(table, version: version, rules)
  }

  /// The names of hosts that endpoints have, where these are others than when it was last called.
  func takeWantedHosts() -> Set<String>? {
    guard hasOtherHosts else { return nil }
    hasOtherHosts = false
    return endpointHosts
  }

  /// Takes it into use where hosts are that endpoints have by name. What documents say is what it was.
  func resolve(_ addresses: [String: [IPAddress]]) -> Change {
    guard addresses != hostAddresses else { return .none }
    hostAddresses = addresses
    guard let snapshot = table.snapshot else { return .none }
    let mesh = snapshot.mesh.resolved(addresses)
    guard mesh.services != rules.table.mesh.services else { return .none }
    rules = RequestRules(rules, endpointsOf: mesh, peers: rules.peers, asksFrom_s: rules.asksFrom_s)
    review = MeshReview(rules.table, tokens: rules.tokens?.verifier)
    return .adopted(table, version: version, rules)
  }

  /// One line for the journal and `weft check`.
  var summary: String {
    guard let snapshot = table.snapshot else { return "no policies are loaded: everything passes" }
    return
      "snapshot \(snapshot.revision) in force: \(snapshot.policies.count) \(snapshot.policies.count == 1 ? "policy" : "policies")"
  }

  private func take(_ snapshot: Snapshot, peers: [IPAddress: PeerStanding]) {
    let asksFrom_s = asksFrom_s(snapshot)
    let hosts = snapshot.mesh.endpointHosts
    if hosts != endpointHosts { (endpointHosts, hasOtherHosts) = (hosts, true) }
    let mesh = snapshot.mesh.resolved(hostAddresses)
    if let known = table.snapshot, known.policies == snapshot.policies,
      known.mesh.isSameButEndpoints(as: snapshot.mesh)
    {
      table = PolicyTable(table, samePoliciesIn: snapshot)
      rules = RequestRules(rules, endpointsOf: mesh, peers: peers, asksFrom_s: asksFrom_s)
    } else {
      table = PolicyTable(snapshot, for: workload)
      version += 1
      rules = RequestRules(
        mesh,
        for: workload,
        version: version,
        peers: peers,
        asksFrom_s: asksFrom_s,
        after: rules
      )
    }
    review = MeshReview(rules.table, tokens: rules.tokens?.verifier)
    loads += 1
    loadedAt_us = Clock.realtime_us()
  }

  /// Whether the pod's endpoints were not known as meshed before, and are by `fresh`: then others hear of it as this proxy
  /// does, some of them later. At the start nothing was known, and nothing is new.
  private func asksFrom_s(_ fresh: Snapshot) -> Int64 {
    guard table.snapshot != nil, !addresses.contains(where: rules.table.isMeshed), isMeshed(by: fresh) else {
      return rules.asksFrom_s
    }
    return Int64(Clock.realtime_us() / 1_000_000) + PeerAdmissionLimit.grace_s
  }

  private func isMeshed(by snapshot: Snapshot) -> Bool {
    snapshot.mesh.services.contains { service in
      service.ports.contains { $0.endpoints.contains { $0.isMeshed && addresses.contains($0.address.ip) } }
    }
  }
}
