/// What the annotations of a document say to us. Kubernetes lets anybody write any, so that those of others pass unread.
enum Annotations {
  /// On an AuthorizationPolicy: it is only tried (Istio's).
  static let dryRun = "istio.io/dry-run"
  /// On a Service: its endpoints are gateways, and say in x-forwarded-for who asked them.
  static let forwardsClients = "weft.mesh/forwards-clients"
  /// On a PeerAuthentication: when its exceptions end.
  static let expires = "weft.mesh/expires"
  /// On a GRPCRoute, which has no fields for these: what a call must come to for another try, how many there may be and how long
  /// they wait, and how long a call may take.
  static let retryOn = "weft.mesh/retry-on"
  static let retryAttempts = "weft.mesh/retry-attempts"
  static let retryBackoff = "weft.mesh/retry-backoff"
  static let requestTimeout = "weft.mesh/request-timeout"
  /// What our own begin with. A slip in one of these would be a promise that nobody keeps.
  static let ownPrefix = "weft.mesh/"
}

extension ObjectName {
  /// An annotation that is "true", "false" or not there, which is false.
  func isAnnotated(_ annotation: String) -> Bool {
    guard let field = annotations?.anyObject()?.last(where: { $0.name == annotation })?.value else { return false }
    switch field.text() {
    case "true": return true
    case "false", nil: return false
    case let text?:
      // Doing what was meant to be left out would be the worse mistake, and so would the other way round.
      field.error("\"\(text)\" is neither \"true\" nor \"false\"")
      return false
    }
  }

  /// Refuses annotations that are ours by name and mean nothing on a document of this kind.
  static func refuseUnknown(_ annotations: Field?, known: [String]) {
    guard let pairs = annotations?.anyObject() else { return }
    for (name, value) in pairs where name.hasPrefix(Annotations.ownPrefix) && !known.contains(name) {
      let clause = known.isEmpty ? "documents of this kind have none" : Suggestion.clause(for: name, among: known)
      value.error("unknown annotation of Weft's; \(clause)")
    }
  }
}
