/// Bounds on what a token may make us do before anybody vouches for it.
public enum TokenLimit {
  /// A whole token. Heads end at 64 KiB; tokens of identity providers are 0.5 to 4 KiB.
  public static let bytes = 16 << 10
  /// Objects and lists within each other; claims in practice go 3 deep.
  public static let depth = 16
  /// Values in one JSON document. A 4 KiB token of groups and roles has about 200.
  public static let values = 1_024
  /// Keys that are tried where a token names none: a set in rotation holds two or three, and each try costs up to 100 µs.
  public static let keysTried = 8
  /// How far the issuer's clock and ours may be apart, in seconds, either way. Issuers are outside of the mesh; Envoy,
  /// and so Istio, allow the same.
  public static let skew_s: Int64 = 60
  /// Tokens a worker remembers.
  public static let cachedTokens = 256
  /// A longer token is verified every time, so that a worker's memory of tokens ends at 1 MiB.
  public static let cachedBytes = 4 << 10
}
