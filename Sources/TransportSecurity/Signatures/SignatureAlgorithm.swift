/// The signatures that are verified (RFC 7518 section 3.1). A key knows its own: what a message says of it is never
/// trusted beyond being compared with this.
public enum SignatureAlgorithm: String, Hashable, Sendable, BitwiseCopyable, CaseIterable {
  /// RSASSA-PKCS1-v1_5 over SHA-256.
  case rs256 = "RS256"
  /// ECDSA on P-256 over SHA-256, the signature being r and s in 32 bytes each.
  case es256 = "ES256"
}
