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
  /// Milliseconds until a new stream's peer must have said hello: TCP's and TLS's round trips on a busy host before it.
  public static let open_ms: Int64 = 10_000
  /// Seconds after which a clock is asked again that may have been set meanwhile.
  public static let clockLook_s: Int64 = 60
  /// Milliseconds between two lines of a log about what others can cause as often as they like.
  public static let logPause_ms: Int64 = 1_000
  /// Milliseconds from the end of listening to the end of streams: peers' streams never end by themselves.
  public static let farewell_ms: Int64 = 250
  /// Milliseconds before a failed stream is opened anew: the first time, and at most.
  public static let retry_ms: ClosedRange<Int64> = 100...10_000
  /// Bytes of one request: a message of replication at its longest, and its frame.
  public static let requestBytes = (1 << 20) + 1_024
  /// Connections to this host: some of every host of a mesh of a thousand, and descriptors for all else.
  public static let connections = 4_096
  /// Connections of one address: a stream and some calls at once, of several hosts behind one address.
  public static let connectionsPerAddress = 16
  /// Connections that have shown no certificate: two racks that join together, and handshakes of hosts meanwhile.
  public static let strangers = 256
  /// Such connections of one address: what a host has in its handshakes after a restart.
  public static let strangersPerAddress = 8
  /// Streams of one connection: agents open one, for an exchange or a call.
  public static let streamsPerConnection = 16
  /// Milliseconds that a handshake may take: three round trips and some signatures on a busy host.
  public static let handshake_ms: Int64 = 5_000
  /// Milliseconds that a connection without a certificate may stand: a join's, and some to say goodbye.
  public static let stranger_ms: Int64 = call_ms + 5_000
  /// Joins at once, and joins a second: a rack that starts together, but no guessing.
  public static let joinBurst = 32.0, joinsPerSecond = 4.0
  /// Questions for the last words of former roots, at once and a second, of one address: a rack of hosts that slept.
  public static let addressQuestionBurst = 32.0, addressQuestionsPerSecond = 4.0
  /// Signatures at once, and a second, for all hosts: some thousand workloads renew in a minute.
  public static let signBurst = 512.0, signsPerSecond = 128.0
  /// Joins at once, and a second, of one address: less than for all, so that one stranger cannot keep others out.
  public static let addressJoinBurst = 8.0, addressJoinsPerSecond = 1.0
  /// Addresses whose joins are remembered: all that may join within a quarter of an hour.
  public static let joinAddresses = 4_096
}
