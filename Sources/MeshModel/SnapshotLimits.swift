/// Bounds on a snapshot: what a wrong or hostile file can make a proxy hold and scan.
public enum SnapshotLimits {
  /// Ten thousand policies of a usual size are some 5 MiB of JSON; reading a file of this size takes about
  /// a second, off the workers.
  public static let maxFileBytes = 16 << 20
  /// Twice what large clusters report for a namespace's selectors; an index into them fits 16 bits.
  public static let maxPolicies = 10_000
  /// Rules of one policy in one direction; an index into them fits 16 bits.
  public static let maxRules = 1_000
  /// Blocks in one rule: generated allow-lists of cloud providers have up to about 10,000 entries.
  public static let maxIPBlocks = 10_000
  /// Exceptions of one block.
  public static let maxExceptions = 1_000
  /// Ports in one rule.
  public static let maxPorts = 1_000
  /// Labels, requirements, or values of a requirement in one selector.
  public static let maxSelectorTerms = 100
}
