internal import MeshModel
internal import Policy

/// Turns the numbers in request events into words: the tables of one snapshot, which the recorder knows by version.
protocol RequestNaming: Sendable {
  /// `namespace/name:port` of a service's port; nil where there is no such number.
  func service(_ index: Int32) -> String?
  /// `namespace/route/rule`; nil where there is no such number.
  func route(_ index: Int32) -> String?
  /// Who decided, and why.
  func describe(_ verdict: RequestVerdict) -> RequestVerdictWords
  /// Whether an identity was asked for, and by which document.
  func describe(_ entry: PeerVerdict) -> VerdictDescription
}

/// The tables that one snapshot was compiled to.
struct RequestTables: RequestNaming {
  let table: RequestTable
  let authorization: AuthorizationTable
  let peerRules: PeerRules

  func service(_ index: Int32) -> String? {
    table.ports.indices.contains(Int(index)) ? table.ports[Int(index)].fullName : nil
  }

  func route(_ index: Int32) -> String? {
    table.rules.indices.contains(Int(index)) ? table.rules[Int(index)].label : nil
  }

  func describe(_ entry: PeerVerdict) -> VerdictDescription { peerRules.describe(entry) }

  func describe(_ verdict: RequestVerdict) -> RequestVerdictWords {
    RequestVerdictWords(
      description: authorization.describe(verdict),
      dryRunPolicy: verdict.dryRunPolicy == RequestVerdict.none ? nil : authorization.policyName(verdict.dryRunPolicy),
      auditPolicy: verdict.auditPolicy == RequestVerdict.none ? nil : authorization.policyName(verdict.auditPolicy)
    )
  }
}

/// A verdict on a request in words.
struct RequestVerdictWords: Equatable, Sendable {
  let description: VerdictDescription
  /// A policy in dry-run mode that would have decided otherwise.
  var dryRunPolicy: String?
  /// An AUDIT policy that matched.
  var auditPolicy: String?
}

/// A request's numbers in words, as far as the tables that they refer to are still known.
struct RequestWords {
  let service: String?
  let route: String?
  /// Nil also where it is the service itself.
  let backend: String?
  let verdict: RequestVerdictWords?

  /// `flow` is what NetworkPolicies said of the endpoint. Where both were asked, the one that denies is told, and else
  /// authorization, which had more to go by.
  init(_ event: RequestEvent, _ names: (any RequestNaming)?, flow: VerdictDescription? = nil) {
    service = event.servicePort < 0 ? nil : names?.service(event.servicePort)
    route = event.rule < 0 ? nil : names?.route(event.rule)
    let isElsewhere = event.backend >= 0 && event.backend != event.servicePort
    backend = isElsewhere ? names?.service(event.backend) : nil
    let ofFlow = flow.map { RequestVerdictWords(description: $0) }
    let ofRequest = event.verdict.flatMap { names?.describe($0) }
    verdict = flow?.decision == .deny ? ofFlow : ofRequest ?? ofFlow
  }
}
