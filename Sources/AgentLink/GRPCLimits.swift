public import HTTP2

/// The bounds of a client.
public struct GRPCLimits: Sendable, Hashable {
  /// The largest message that is taken or sent. 4 MiB is what gRPC servers and clients of all languages allow unless told
  /// otherwise, so no server can count on more; the agent splits what is larger.
  public var message_bytes = 4 << 20
  /// Those of the connection below.
  public var session = SessionLimits()

  /// The defaults.
  public init() {}
}
