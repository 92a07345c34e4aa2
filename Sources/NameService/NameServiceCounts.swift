public import DNS

/// What the name server did since it started.
public struct NameServiceCounts: Hashable, Sendable {
  /// Queries, by what became of them.
  public internal(set) var queries = NameServerCounts()
  /// Questions that went on to the host's resolvers.
  public internal(set) var forwarded = ForwardCounts()
  /// Questions that wait for the resolvers now.
  public internal(set) var waiting = 0
  /// Services that have a name.
  public internal(set) var services = 0
  /// Services that have none (`NameTable.leftOut`).
  public internal(set) var leftOut = 0
  /// UDP answers that were dropped, since the kernel did not take them fast enough.
  public internal(set) var droppedReplies: UInt64 = 0
  /// Answers whose TCP client was gone.
  public internal(set) var goneClients: UInt64 = 0
  /// TCP connections now.
  public internal(set) var connections = 0
  /// Adoptions of others' sockets now.
  public internal(set) var adoptions = 0
  /// TCP connections that were refused, since as many as the pod may have waited for an answer each.
  public internal(set) var refusedConnections: UInt64 = 0
  /// TCP connections that were closed for a newer one, or since no question came in time.
  public internal(set) var idleConnections: UInt64 = 0
  /// Messages of a resolver that came to the socket of another question: late, or forged.
  public internal(set) var strayAnswers: UInt64 = 0
  /// Tries that failed, since `NameServiceLimit.forwardSockets` were open.
  public internal(set) var tooManySockets: UInt64 = 0
  /// Errors of listening sockets after which they went on.
  public internal(set) var socketErrors: UInt64 = 0
  /// How often resolv.conf was read.
  public internal(set) var resolverReads: UInt64 = 0

  /// Nothing so far.
  public init() {}
}
