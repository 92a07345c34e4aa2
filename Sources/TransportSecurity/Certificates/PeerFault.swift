/// Why the certificates of a peer are not believed: which of them, and which check.
public struct PeerFault: Error, Hashable, Sendable, BitwiseCopyable {
  /// The checks, in the order in which they are made.
  public enum Check: UInt8, Sendable, BitwiseCopyable {
    /// The peer showed no certificate.
    case missing = 1
    /// It showed more certificates, or more bytes of them, than are taken.
    case length
    /// A certificate cannot be read, or has a key or a critical extension that is not known.
    case malformed
    /// It is not signed by the next.
    case signature
    /// No root of the bundle has signed the last.
    case foreignRoot
    /// Its time is over.
    case expired
    /// Its time has not begun.
    case notYetValid
    /// It may not be used so: a leaf that may sign certificates, an authority that may not.
    case usage
    /// The leaf has no URI name.
    case noIdentity
    /// The leaf has several.
    case severalIdentities
    /// The leaf's URI name is no SPIFFE ID of a workload or host.
    case invalidIdentity
    /// The identity is of another trust domain.
    case foreignTrustDomain
    /// The identity is right, and not the one that was to be reached.
    case otherIdentity
    /// A host has signed it that has the authority's role no more.
    case revoked
  }

  /// What failed.
  public let check: Check
  /// Which certificate, the leaf being 0, the root the last.
  public let certificate: UInt8

  /// A check that failed for a certificate.
  public init(_ check: Check, at certificate: Int = 0) {
    self.check = check
    self.certificate = UInt8(clamping: certificate)
  }
}

extension PeerFault: CustomStringConvertible {
  /// One sentence without its full stop: what is wrong and what to check.
  public var description: String {
    let which = certificate == 0 ? "the leaf certificate" : "certificate \(certificate) of the chain"
    return switch check {
    case .missing: "it showed no certificate; is it a proxy of this mesh?"
    case .length:
      "its chain is too long; \(CertificateLimit.chain) certificates and \(CertificateLimit.chainBytes) bytes are taken"
    case .malformed: "\(which) cannot be read, or has a key or a critical extension that is not understood"
    case .signature: "\(which) is not signed by the certificate after it"
    case .foreignRoot: "no root of this mesh has signed its chain; it is of another mesh, or a bundle is out of date"
    case .expired: "\(which) has expired; check both clocks, and the renewal on its side"
    case .notYetValid: "\(which) is not valid yet; check both clocks"
    case .revoked:
      "\(which) is of a host whose authority was taken back; does its agent reach another authority? see `weft authority list`"
    case .usage: "\(which) may not be used so"
    case .noIdentity: "the leaf certificate has no URI name"
    case .severalIdentities: "the leaf certificate has several URI names; exactly one is an identity"
    case .invalidIdentity: "the leaf certificate's URI name is no SPIFFE ID of a workload or host"
    case .foreignTrustDomain: "its identity is of another trust domain"
    case .otherIdentity: "it is somebody else than who was to be reached"
    }
  }
}
