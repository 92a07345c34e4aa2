/// Whether whoever connects must show an identity, with the part that every PeerAuthentication had in it.
public struct PeerExplanation: Codable, Hashable, Sendable {
  /// The SPIFFE ID that the peer shows; empty where it comes without mutual TLS.
  public var identity: String
  /// Whether the mesh has a proxy at its address and at the workload's, so that it could show one.
  public var isMeshed: Bool
  /// What is decided.
  public var verdict: VerdictDescription
  /// One entry for each document that selects the workload, the narrowest first.
  public var documents: [Part]

  /// An explanation.
  public init(identity: String, isMeshed: Bool, verdict: VerdictDescription, documents: [Part]) {
    self.identity = identity
    self.isMeshed = isMeshed
    self.verdict = verdict
    self.documents = documents
  }

  /// What one document had to say.
  public struct Part: Codable, Hashable, Sendable {
    /// `namespace/name`.
    public var policy: String
    /// A clause.
    public var reason: String

    /// The part of one document.
    public init(policy: String, reason: String) {
      self.policy = policy
      self.reason = reason
    }
  }
}
