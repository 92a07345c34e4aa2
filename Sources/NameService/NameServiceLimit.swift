internal import DNS

/// Bounds on what the name server's sockets may hold.
public enum NameServiceLimit {
  /// Sockets that wait for the host's resolvers: for all that may wait (`ForwardLimit.questions`) as many as may be open for one,
  /// and some for resolvers that resolv.conf does not name any more. Beyond it a try fails at once.
  public static let forwardSockets = ForwardLimit.questions * ForwardLimit.tries + 48
  /// TCP connections of clients: one for each pod whose names may be answered on one host, 512.
  public static let connections = 512
  /// Those of one pod: programs ask by UDP, and come by TCP only where an answer was cut.
  public static let connectionsOfPod = 64
  /// Questions of one TCP connection that wait at one time; more are read when some are answered (RFC 7766 section
  /// 6.2.1.1 has clients send several).
  public static let pipelined = 64
  /// How long a TCP connection may be without a whole question, in seconds (RFC 7766 section 6.2.3: "a few seconds").
  /// Bytes alone do not count, so none is kept by a trickle.
  public static let idle_s: Int64 = 10
  /// Bytes of one UDP message that are read: a query is a name and a few options.
  public static let datagramBytes = 4_096
  /// UDP messages read at one time.
  public static let datagramsPerRead = 16
  /// Bytes of a TCP connection that are read at one time; with one message that is not whole, all that it holds.
  public static let streamBytes = 4_096
  /// What the kernel keeps of UDP queries while the agent is busy, in bytes: some hundred, since each takes about 1 KiB
  /// there. The kernel's own bound (net.core.rmem_max) may make it less.
  public static let receiveBufferBytes = 1 << 20
  /// TCP connections that the kernel keeps until they are accepted.
  public static let backlog: Int32 = 128
  /// How often resolv.conf is looked at while questions go on to its servers, in milliseconds.
  public static let resolverPoll_ms: UInt64 = 5_000
  /// Ports that are tried where any will do: the same must be free for UDP and for TCP.
  public static let portDraws = 16
}
