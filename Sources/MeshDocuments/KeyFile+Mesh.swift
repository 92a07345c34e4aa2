internal import Yams

extension DocumentKind {
  /// Whether a document is refused, with an error, since it names a file: of the hosts that it is replicated to, others
  /// have another such file or none, and whoever writes documents must not choose what an agent reads.
  func namesFiles(_ document: Field) -> Bool {
    guard self == .requestAuthentication,
      let rules = document.child("spec")?.child("jwtRules")?.node.sequence
    else { return false }
    let files = rules.indices.compactMap { document.deepest("spec.jwtRules[\($0)]").child("jwksUri") }
      .filter { !$0.isNull }
    for file in files { file.error("is not supported in the mesh, since other hosts lack the file; write jwks") }
    return !files.isEmpty
  }
}
