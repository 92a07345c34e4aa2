import MeshModel

/// Whether who connects must show an identity, as people read it: the verdict, then what each document had to say.
struct PeerLines {
  let lines: [String]

  init(_ peer: PeerExplanation) {
    let who = peer.identity.isEmpty ? "" : "\(peer.identity), "
    lines =
      ["peer: \(who)\(peer.verdict.clause)"]
      + peer.documents.map { "  PeerAuthentication \($0.policy) \($0.reason)" }
  }
}
