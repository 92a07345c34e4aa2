/// Bounds on what a peer, or the agent, can make a proxy read of certificates.
public enum CertificateLimit {
  /// Certificates in a chain: leaf, intermediate, root (which peers need not send), and one to spare.
  public static let chain = 4
  /// Roots in a bundle: one that signs, one to come, those to go; the agent keeps to the same bound.
  public static let roots = 8
  /// Bytes of all certificates that a peer shows. Ours take 1,400; the longest SPIFFE ID, authorities of others and their
  /// larger keys fit as well. OpenSSL would take 100 KiB from each stranger.
  public static let chainBytes = 16 << 10
  /// Hosts whose intermediates are refused: as many as the agent's roster has room for.
  public static let revokedSigners = 64
  /// How far clocks of peers may be off, in seconds: certificates are taken that much before and after their time.
  public static let skew_s: Int64 = 20
}
