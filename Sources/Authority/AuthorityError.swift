public import MeshModel
public import Replication

/// Why the authority did not do what it was asked.
public enum AuthorityError: Error, Hashable, Sendable {
  /// The certificate signing request is not acceptable.
  case request(RequestFault)
  /// The identity is of another trust domain than the authority's.
  case foreignTrustDomain(SPIFFEID, own: TrustDomain)
  /// The identity is the trust domain itself, which only authorities carry.
  case noPath(SPIFFEID)
  /// The authority has no intermediate that is valid now; `tick` makes one.
  case noSigner
  /// The root expired at that time.
  case rootExpired(at_s: Int64)
  /// The root begins at that time: the clock is wrong, or was when the root was made.
  case rootNotYetValid(from_s: Int64)
  /// A root is being replaced already; signing moves at that time.
  case rotationUnderWay(moves_s: Int64)
  /// The mesh has had so many roots that no more are made by hand.
  case tooManyRoots
  /// The root that was named is not one of the former ones.
  case unknownRoot
  /// The root that was named signs, or is about to.
  case rootInUse
  /// No certificate can name that time.
  case clock(Int64)
  /// Stored or sent bytes are not what they should be; the text says which.
  case malformed(String)
  /// The private key of a root or of a certificate is missing among the keys.
  case missingKey(of: String)
  /// The host has the authority's role already.
  case isAuthority(OwnerID)
  /// The host has not the authority's role.
  case noAuthority(OwnerID)
  /// The host has the root's key, which is not taken from it.
  case hasRoot(OwnerID)
  /// So many hosts have or had the role of late that no other is given it.
  case tooManyAuthorities
  /// What the root's holder signed is no intermediate for this host; the text says why.
  case delegation(String)
  /// The name or the public key cannot own records.
  case owner(String)
  /// The certificate library refused; its reason.
  case library(String)
}

extension AuthorityError: CustomStringConvertible {
  /// One sentence: what was wrong and what to check.
  public var description: String {
    switch self {
    case .request(let fault): "certificate request: \(fault)"
    case .foreignTrustDomain(let id, let own): "\(id) is not of this authority's trust domain, \(own)"
    case .noPath(let id): "\(id) names the trust domain, not a workload or a host in it"
    case .noSigner: "the authority has no valid intermediate; check its clock and its keys"
    case .rootExpired(let time):
      "the root expired at \(time) (seconds since 1970); if this host's clock is right, rotate the root and join all hosts anew"
    case .rootNotYetValid(let time):
      "the root is valid from \(time) on (seconds since 1970); check this host's clock"
    case .rotationUnderWay(let time):
      "a root is being replaced; the new one signs from \(time) on (seconds since 1970), then another can follow"
    case .tooManyRoots:
      "the mesh has had \(AuthorityLimit.formerRootsByHand) roots; forget former ones that no document's owner needs"
    case .unknownRoot: "no former root has that fingerprint"
    case .rootInUse:
      "that root signs or is about to, so it cannot be forgotten; `weft identity rotate --root` has another follow it first"
    case .clock(let time): "the clock says \(time) seconds since 1970, which no certificate can name"
    case .malformed(let what): "\(what) is damaged or not of this version"
    case .missingKey(let what): "the private key of \(what) is not among the stored keys"
    case .isAuthority(let owner): "\(owner) has the authority's role already"
    case .noAuthority(let owner): "\(owner) has not the authority's role; see `weft authority list`"
    case .hasRoot(let owner): "\(owner) has the root's key, so it cannot lose the role"
    case .tooManyAuthorities:
      "\(AuthorityLimit.holders) hosts have the role, or \(AuthorityLimit.rosterHosts) had it within \(AuthorityTiming.intermediateLife_s / 86_400) days; revoke it from one, or wait"
    case .delegation(let why): "the intermediate that came for this host cannot be used: \(why)"
    case .owner(let what): what
    case .library(let reason): "the certificate library refused: \(reason)"
    }
  }
}

/// What is wrong with a certificate signing request.
public enum RequestFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// It has this many bytes.
  case tooLong(Int)
  /// It is not DER of PKCS #10 version 1.
  case malformed
  /// Its key is neither P-256 nor P-384.
  case unsupportedKey
  /// It is not signed by the key that it has.
  case badSignature

  /// What is wrong, and what would be right.
  public var description: String {
    switch self {
    case .tooLong(let count): "\(count) bytes are more than the \(AuthorityLimit.requestBytes) allowed"
    case .malformed: "not a PKCS #10 request in DER"
    case .unsupportedKey: "the key is neither P-256 nor P-384"
    case .badSignature: "not signed by its own key"
    }
  }
}
