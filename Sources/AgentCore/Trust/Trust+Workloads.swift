internal import AgentStore
internal import Authority
internal import MeshAPI
internal import MeshModel
internal import SwiftProtobuf

/// What workloads are given.
extension Trust {
  /// The names that a process may have, by what the kernel says of it.
  func names(of evidence: ProcessEvidence) -> [String] {
    workloads.filter { _, selectors in evidence.satisfies(selectors) }.keys.sorted()
  }

  /// The identities that a process may have, each with its certificate.
  func identities(of evidence: ProcessEvidence) async throws -> [Identity] {
    var identities: [Identity] = []
    for name in names(of: evidence) { identities.append(try await identity(SPIFFEID(name))) }
    // Another host may have been asked, and meanwhile a name been taken back.
    return identities.filter { workloads[$0.spiffeID.description].map(evidence.satisfies) == true }
  }

  // MARK: Registered workloads

  /// Registers a workload, or other selectors of one.
  func put(_ workload: Weft_Agent_V1_Workload) throws -> Weft_Agent_V1_PutWorkloadReply {
    let id = try SPIFFEID(workload.spiffeID)
    guard id.trustDomain == domain, !id.path.isEmpty else {
      throw MeshRefusal("\(id) is no workload of this mesh, whose trust domain is \(domain)")
    }
    guard !workload.selectors.isEmpty else {
      throw MeshRefusal("a workload needs selectors or pods; without any, every program would be it")
    }
    guard workloads[id.description] != nil || workloads.count < Self.workloadLimit else {
      throw MeshRefusal("\(Self.workloadLimit) workloads are registered, which is all that a host may have")
    }
    let selectors = try workload.selectors.map { text throws(MeshRefusal) in try Selector(text) }
    let pods = selectors.pods.count
    guard selectors.count - pods <= Selector.limit, pods <= Selector.podLimit else {
      throw MeshRefusal("a workload may have \(Selector.limit) selectors, and \(Selector.podLimit) pods beside")
    }
    try store.putWorkload(id.description, selectors: selectors.map(\.description))
    workloads[id.description] = selectors
    changed()
    return workloadReply
  }

  /// Forgets a workload: it is given no certificate any more.
  func deleteWorkload(_ text: String) throws -> Weft_Agent_V1_PutWorkloadReply {
    guard workloads[text] != nil else { throw MeshRefusal("\(text) is not registered") }
    try store.removeWorkload(text)
    workloads[text] = nil
    held[text] = nil
    changed()
    return workloadReply
  }

  private var workloadReply: Weft_Agent_V1_PutWorkloadReply {
    var reply = Weft_Agent_V1_PutWorkloadReply()
    reply.workloads = workloadMessages
    return reply
  }

  private var workloadMessages: [Weft_Agent_V1_Workload] {
    workloads.sorted { $0.key < $1.key }.map { id, selectors in
      var message = Weft_Agent_V1_Workload()
      message.spiffeID = id
      message.selectors = selectors.map(\.description)
      return message
    }
  }

  // MARK: Shown

  /// All certificates that this host knows of.
  func identityReply() -> Weft_Agent_V1_IdentityReply {
    var reply = Weft_Agent_V1_IdentityReply()
    reply.trustDomain = domain.name
    reply.certificates = bundle.roots.compactMap { Weft_Agent_V1_Certificate("root", $0, renews_s: 0) }
    reply.certificates += (authority?.formerRoots ?? formerRoots)
      .compactMap { Weft_Agent_V1_Certificate("former root", $0, renews_s: 0) }
    for issuer in authority?.issuers ?? [] {
      if let shown = Weft_Agent_V1_Certificate("intermediate", issuer, renews_s: 0) { reply.certificates.append(shown) }
    }
    if let delegate,
      let shown = Weft_Agent_V1_Certificate("intermediate", delegate.issuer, renews_s: delegate.renewsAt_s)
    {
      reply.certificates.append(shown)
    }
    for certificate in held.sorted(by: { $0.key < $1.key }).map(\.value.identity.certificate) {
      guard let leaf = certificate.chain.first,
        let shown = Weft_Agent_V1_Certificate("workload", leaf, renews_s: certificate.renewsAt_s)
      else { continue }
      reply.certificates.append(shown)
    }
    reply.workloads = workloadMessages
    return reply
  }

  /// Renews what is asked for.
  func rotate(_ scope: Weft_Agent_V1_RotateRequest.Scope) async throws -> Weft_Agent_V1_IdentityReply {
    switch scope {
    case .workloads: break
    case .intermediate where delegate != nil:
      // The network asks for it as soon as it hears of the change.
      delegate?.expire(now_s: now_s)
      changed()
    case .intermediate, .root:
      guard authority != nil else {
        throw MeshRefusal("this host has not the root's key; ask the one that has, see `weft authority list`")
      }
      let now_s = now_s
      try change { state throws(AuthorityError) in
        scope == .root ? try state.rotateRoot(now_s: now_s) : try state.rotateIntermediate(now_s: now_s)
      }
    case .UNRECOGNIZED(let number): throw MeshRefusal("scope \(number) is not known")
    }
    for name in held.keys { held[name]?.discard() }
    await renewHeld()
    return identityReply()
  }
}

extension Weft_Agent_V1_Certificate {
  init?(_ role: String, _ der: [UInt8], renews_s: Int64) {
    guard let summary = CertificateSummary(der: der) else { return nil }
    self.init()
    self.role = role
    subject = summary.subject
    spiffeID = summary.spiffeID
    serial = summary.serial
    sha256 = summary.sha256
    notBeforeS = summary.notBefore_s
    notAfterS = summary.notAfter_s
    renewsS = renews_s
    pem = summary.pem
  }
}
