/// Bounds on what others can make an authority or a verifier hold, read or compute.
public enum AuthorityLimit {
  /// Bytes of one certificate: ours have under 700, and the longest SPIFFE ID adds 2,048.
  public static let certificateBytes = 4 << 10
  /// Certificates in a peer's chain: leaf, intermediate, root (which peers need not send), and one to spare.
  public static let chainCertificates = 4
  /// Bytes of a certificate signing request. What it asks for beyond its key is ignored, so it has no reason to be long.
  public static let requestBytes = 4 << 10
  /// Roots in a bundle: one that signs, one to come, those to go. Each rotation takes days, so three is the most there are.
  public static let bundleRoots = 8
  /// Roots that have left the bundle and still vouch for owners' credentials.
  public static let formerRoots = 64
  /// Former roots beyond which a rotation is not begun by hand any more; by itself a root changes every five years.
  public static let formerRootsByHand = 56
  /// Last words of roots: each rotation takes four days, and they count for a week.
  public static let handovers = bundleRoots
  /// Intermediates that are remembered to be shown.
  public static let shownIntermediates = 8
  /// Bytes of a stored state: all roots and intermediates at their longest.
  public static let stateBytes = 512 << 10
  /// Keys of an authority: those of the bundle's roots and one intermediate's.
  public static let keys = bundleRoots + 1
  /// Keys of JWT-SVIDs of one authority: one to come, one that signs, one to go, and one to spare.
  public static let jwtKeys = 4
  /// Hosts with the authority's role: each can be anybody, so they are few.
  public static let holders = 16
  /// Hosts that have or had the role within the life of an intermediate: a change of all of them each month.
  public static let rosterHosts = 64
  /// Bytes of stored keys: a PKCS#8 P-256 key has 138.
  public static let keysBytes = 8 << 10
}
