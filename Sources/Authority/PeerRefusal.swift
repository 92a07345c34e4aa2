public import MeshModel

/// Why a peer's chain of certificates is not believed.
public enum PeerRefusal: Error, Hashable, Sendable {
  /// The chain has this many certificates.
  case length(Int)
  /// Certificate number `at`, the leaf being 0, is not one that can be verified; the text says why.
  case malformed(at: Int, String)
  /// Certificate number `at` is not signed by the next one.
  case badSignature(at: Int)
  /// No root of the bundle has signed the chain: another mesh, or a bundle that is too old or too new.
  case foreignRoot
  /// Certificate number `at` expired at that time; the number after the last is the root's.
  case expired(at: Int, notAfter_s: Int64)
  /// Certificate number `at` begins at that time.
  case notYetValid(at: Int, notBefore_s: Int64)
  /// Certificate number `at` may not be used so; the text says why.
  case wrongUsage(at: Int, String)
  /// Certificate number `at` is the intermediate of a host that has the authority's role no more.
  case revoked(at: Int)
  /// The leaf has no URI name.
  case noIdentity
  /// The leaf has this many URI names.
  case severalIdentities(Int)
  /// The leaf's URI name is no SPIFFE ID of a workload or host.
  case invalidIdentity(SPIFFEIDError)
  /// The identity is of that trust domain, not of the bundle's.
  case foreignTrustDomain(TrustDomain)
}

extension PeerRefusal: CustomStringConvertible {
  /// One sentence: what is wrong and what to check.
  public var description: String {
    switch self {
    case .length(let count):
      "the peer sent \(count) certificates; a leaf and at most \(AuthorityLimit.chainCertificates - 1) more are taken"
    case .malformed(let at, let why): "\(Self.name(at)) is malformed: \(why)"
    case .badSignature(let at): "\(Self.name(at)) is not signed by the certificate after it"
    case .foreignRoot:
      "no root of this mesh has signed the chain; it is of another mesh, or a trust bundle is out of date"
    case .expired(let at, let time):
      "\(Self.name(at)) expired at \(time) (seconds since 1970); check both clocks, and the peer's renewal"
    case .notYetValid(let at, let time):
      "\(Self.name(at)) is valid from \(time) on (seconds since 1970); check both clocks"
    case .wrongUsage(let at, let why): "\(Self.name(at)) may not be used so: \(why)"
    case .revoked(let at):
      "\(Self.name(at)) is of a host whose authority was taken back; its holder asks another for a certificate by itself"
    case .noIdentity: "the leaf certificate has no URI name"
    case .severalIdentities(let count): "the leaf certificate has \(count) URI names; exactly one is an identity"
    case .invalidIdentity(let error): "the leaf certificate's URI name: \(error)"
    case .foreignTrustDomain(let domain): "the peer is of the trust domain \(domain)"
    }
  }

  private static func name(_ at: Int) -> String { at == 0 ? "the leaf certificate" : "certificate \(at) of the chain" }
}
