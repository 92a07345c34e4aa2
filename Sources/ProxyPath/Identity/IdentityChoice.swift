internal import FoundationEssentials
internal import MeshAPI
internal import MeshModel

/// Which of the identities that the agent gives is this proxy's: the one of its namespace and service account. A process may
/// be given several, by what the kernel says of it, and must not be one that it did not ask to be.
struct IdentityChoice: Equatable {
  let namespace: String
  let serviceAccount: String

  /// `/ns/<namespace>/sa/<service account>`, which stands behind the trust domain.
  var path: String { "/ns/\(namespace)/sa/\(serviceAccount)" }

  /// What is in an answer.
  enum Outcome {
    /// It is there, beside so many others.
    case found(MeshIdentity.Material, others: [String])
    /// It is not; these are.
    case missing(others: [String])
    /// It is no answer; why.
    case malformed(String)
  }

  /// Names that are told of: enough to see what is wrong.
  static let shownNames = 4

  /// Looks for this proxy's among those of an answer.
  func pick(_ response: X509SVIDResponse) -> Outcome {
    var found: MeshIdentity.Material?
    var others: [String] = []
    for svid in response.svids {
      guard let id = try? SPIFFEID(svid.spiffeID) else { return .malformed("an identity in it is no SPIFFE ID") }
      guard id.path == path, found == nil else {
        others.append(svid.spiffeID)
        continue
      }
      found = MeshIdentity.Material(
        id: id,
        chain: [UInt8](svid.x509Svid),
        key: [UInt8](svid.x509SvidKey),
        bundle: [UInt8](svid.bundle),
        revoked: response.weftRevokedSigners.map { [UInt8]($0) }
      )
    }
    return found.map { .found($0, others: others) } ?? .missing(others: others)
  }

  /// Some of these names, for people.
  static func list(_ names: [String]) -> String {
    let more = names.count - shownNames
    return names.prefix(shownNames).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
  }
}
