/// Every bound of the store.
public enum AgentStoreLimits {
  /// Bytes of a key of settings, tokens, workloads and their like: a SPIFFE ID has 2,048 at most.
  public static let keyBytes = 2_048
  /// Bytes of a value under such a key: a registration with all that it may have takes a tenth.
  public static let valueBytes = 1 << 20
  /// Entries of one kind: twice the names that virtual addresses are given to.
  public static let entries = 40_000
  /// Bytes of a key file: a P-256 key in PEM takes 240, an RSA one of 4,096 bits 3,300.
  public static let keyFileBytes = 64 << 10
  /// Bytes of a key file's name.
  public static let keyNameBytes = 100
  /// Bytes of the file of settings: an authority's state at its largest (512 KiB) with the bundle of it, in base64.
  public static let settingsFileBytes = 2 << 20
  /// Damaged databases that are kept aside. Beyond it someone has to look at them.
  public static let keptAside = 99

  /// How long a write waits for somebody else's, in seconds: only a person with a tool can be in the way.
  static let busyTimeout_s: Double = 5
  /// Findings of the check at the start that are told; one is enough to refuse.
  static let findings = 4
  /// KiB of pages that SQLite keeps: what is there is read once, so they serve the inner pages alone.
  static let cache_KiB = 1_024
  /// Pages in the log until they are moved into the database: 4 MiB, SQLite's default.
  static let checkpoint_pages = 1_000
  /// Bytes of the log that are kept on disk after one large transaction.
  static let logBytes = 16 << 20
}
