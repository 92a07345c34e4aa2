public import MeshModel

/// The PeerAuthentications of one snapshot that select one workload, compiled: immutable and shared by all workers.
public final class PeerRules: Sendable {
  /// Whom it decides for.
  public let workload: Workload
  /// All that the rules were made from, in order: what verdicts index.
  public let documents: [PeerAuthentication]

  /// What one document says, at one port or at all.
  private struct Statement: BitwiseCopyable {
    let mode: PeerAuthentication.Mode
    /// In seconds since 1970; `Int64.max`: never.
    let end_s: Int64
    let policy: UInt16
  }

  /// By ports, in order: those of the workload's own document that say something.
  private let ports: [UInt16]
  private let portStatements: [Statement]
  /// What holds at other ports, and at these once they say nothing any more: the narrowest document's first. Three at most.
  private let statements: [Statement]

  /// Compiles those of `documents` that select `workload`. A snapshot's limits hold their number within 16 bits.
  public init(_ documents: [PeerAuthentication], for workload: Workload) {
    self.documents = documents
    self.workload = workload
    // Of each reach the oldest, as Istio has it, then by name.
    var chosen: [PeerAuthentication.Reach: Int] = [:]
    for (index, document) in documents.enumerated() where document.selects(workload) {
      if let other = chosen[document.reach], !document.isBefore(documents[other]) { continue }
      chosen[document.reach] = index
    }
    func statement(_ mode: PeerAuthentication.Mode, _ index: Int) -> Statement {
      // What is strict does not end: whoever lets nobody in for a while must not let everybody in afterwards.
      let end_s = mode.isException ? documents[index].expires_s ?? .max : .max
      return Statement(mode: mode, end_s: end_s, policy: UInt16(index))
    }
    statements = chosen.sorted { $0.key < $1.key }.compactMap { _, index in
      documents[index].mode.map { statement($0, index) }
    }
    let own = chosen[.workload].map { index in
      documents[index].ports.sorted { $0.port < $1.port }.compactMap { port in
        port.mode.map { (port.port, statement($0, index)) }
      }
    }
    ports = own?.map(\.0) ?? []
    portStatements = own?.map(\.1) ?? []
  }

  /// Decides about a connection to `port`, the one that the program listens on. `isBetweenMeshed`: both its source and the
  /// pod are known to have a proxy of the mesh, so that an identity could be shown. `now_s` is in seconds since 1970. It
  /// neither allocates nor locks.
  public func decide(
    port: UInt16,
    hasPeerIdentity: Bool,
    isBetweenMeshed: Bool,
    now_s: Int64
  ) -> PeerVerdict {
    guard !hasPeerIdentity else { return PeerVerdict(.identified) }
    guard let statement = statement(at: port, now_s: now_s) else {
      return PeerVerdict(isBetweenMeshed ? .strictByDefault : .stranger)
    }
    switch statement.mode {
    case .strict: return PeerVerdict(.strict, policy: statement.policy)
    case .permissive: return PeerVerdict(.permissive, policy: statement.policy)
    case .disable: return PeerVerdict(.disabled, policy: statement.policy)
    }
  }

  /// Whether a document decides about `port`, so that it makes no difference who asks without an identity.
  public func isDecided(port: UInt16, now_s: Int64) -> Bool { statement(at: port, now_s: now_s) != nil }

  /// What is in force at a port.
  private func statement(at port: UInt16, now_s: Int64) -> Statement? {
    if let index = index(of: port), portStatements[index].end_s > now_s { return portStatements[index] }
    for statement in statements where statement.end_s > now_s { return statement }
    return nil
  }

  private func index(of port: UInt16) -> Int? {
    var low = 0
    var high = ports.count
    while low < high {
      let middle = (low + high) / 2
      if ports[middle] < port { low = middle + 1 } else { high = middle }
    }
    return low < ports.count && ports[low] == port ? low : nil
  }

  /// When an exception that holds at `now_s` ends next, in seconds since 1970; nil where none does. Who was let in by it is
  /// then to be judged again.
  public func nextEnd_s(after now_s: Int64) -> Int64? {
    (portStatements + statements).lazy.map(\.end_s).filter { $0 > now_s && $0 < .max }.min()
  }

  /// Tells who decided and why.
  public func describe(_ verdict: PeerVerdict) -> VerdictDescription {
    let index = Int(verdict.policy)
    return VerdictDescription(
      decision: verdict.isAllowed ? .allow : .deny,
      policy: documents.indices.contains(index) ? documents[index].fullName : "",
      reason: verdict.reason.sentence
    )
  }
}

extension PeerAuthentication {
  /// Whether it is followed of two of the same reach.
  fileprivate func isBefore(_ other: PeerAuthentication) -> Bool {
    (created_s, namespace, name) < (other.created_s, other.namespace, other.name)
  }
}
