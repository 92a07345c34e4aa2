internal import MeshModel

/// What a host may be called: a DNS subdomain (RFC 1123), so that its name fits into its SPIFFE ID, into `OwnerID`, and into
/// DNS.
enum OwnerName {
  static let maxBytes = LabelSyntax.maxSubdomainBytes
  static let rule =
    "up to \(maxBytes) lower-case letters, digits, - and ., each part beginning and ending with a letter or digit"

  static func isValid(_ name: String) -> Bool { LabelSyntax.isSubdomain(name) }
}
