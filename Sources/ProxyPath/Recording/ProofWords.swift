internal import Journal
internal import MeshModel

/// Who was at both ends, as mutual TLS has proved it, in words.
struct ProofWords: Equatable, Sendable {
  var source: String?
  var destination: String?
  var version: String
  var isResumed: Bool

  /// Nil where there was no mutual TLS.
  init?(_ proof: PeerProof, _ direction: Direction, _ book: IdentityBook) {
    guard proof != .none else { return nil }
    let (own, peer) = (book.name(proof.own), book.name(proof.peer))
    (source, destination) = direction == .inbound ? (peer, own) : (own, peer)
    version = proof.versionText.description
    isResumed = proof.isResumed
  }
}

extension JournalEntry {
  mutating func append(_ proof: ProofWords) {
    if let source = proof.source { append("WEFT_SOURCE_IDENTITY", source) }
    if let destination = proof.destination { append("WEFT_DESTINATION_IDENTITY", destination) }
    if !proof.version.isEmpty { append("WEFT_TLS_VERSION", proof.version) }
    append("WEFT_TLS_RESUMED", proof.isResumed ? "yes" : "no")
  }
}

extension RequestReport {
  mutating func take(_ proof: ProofWords) {
    sourceIdentity = proof.source
    destinationIdentity = proof.destination
    tlsVersion = proof.version
    tlsResumed = proof.isResumed
  }
}

extension ConnectionReport {
  mutating func take(_ proof: ProofWords) {
    sourceIdentity = proof.source
    destinationIdentity = proof.destination
    tlsVersion = proof.version
    tlsResumed = proof.isResumed
  }
}
