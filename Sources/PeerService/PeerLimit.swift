/// Bounds on what other hosts can make this one hold or do.
public enum PeerLimit {
  /// Where agents meet, by TCP.
  public static let defaultPort: UInt16 = 15012
  /// Streams that this host keeps open to others: replication fans out to 4 and asks a few more at a time.
  public static let links = 64
  /// Messages that wait for one peer; more than that is older than what the next digest would ask for.
  public static let queuedMessages = 256
  /// Bytes that wait for one peer: several messages at their longest.
  public static let queuedBytes = 8 << 20
  /// Milliseconds without a message after which a stream is closed: some rounds of replication.
  public static let idle_ms: Int64 = 60_000
  /// Milliseconds that a first frame may take: a round trip and a signature on a busy host.
  public static let hello_ms: Int64 = 5_000
  /// Milliseconds that a join, a signature or a look at the roots may take.
  public static let call_ms: Int64 = 10_000
  /// Milliseconds before a failed stream is opened anew: the first time, and at most.
  public static let retry_ms: ClosedRange<Int64> = 100...10_000
  /// Bytes of one request: a message of replication at its longest, and its frame.
  public static let requestBytes = (1 << 20) + 1_024
  /// Joins at once, and joins a second: a rack that starts together, but no guessing.
  public static let joinBurst = 32.0, joinsPerSecond = 4.0
  /// Seconds after which a certificate that ran out is not renewed any more: a week of holidays. Whoever was away for longer
  /// may have been given away, and joins anew.
  public static let renewal_s: Int64 = 7 * 86_400
  /// Signatures at once, and a second, for all hosts: some thousand workloads renew in a minute.
  public static let signBurst = 512.0, signsPerSecond = 128.0
}
