/// The reply to `GET /v1/connections?limit=N`.
public struct ConnectionList: Codable, Hashable, Sendable {
  public var connections: [ConnectionReport]
  /// Whether there are more than these.
  public var truncated: Bool

  public init(connections: [ConnectionReport], truncated: Bool) {
    self.connections = connections
    self.truncated = truncated
  }
}

/// The reply to `GET /v1/connections/ID`.
public struct ConnectionDetail: Codable, Hashable, Sendable {
  public var connection: ConnectionReport
  public var explanation: Explanation

  public init(connection: ConnectionReport, explanation: Explanation) {
    self.connection = connection
    self.explanation = explanation
  }
}

/// One live connection.
public struct ConnectionReport: Codable, Hashable, Sendable {
  /// The CONNECTION_ID of its journal entries.
  public var id: String
  public var direction: Direction
  /// Who dialled.
  public var source: SocketAddress
  /// What was dialled.
  public var originalDestination: SocketAddress
  /// Where the proxy dialled; nil until it did.
  public var upstream: SocketAddress?
  public var verdict: VerdictDescription
  /// What was detected: `tls`, `http/1`, `http/2`, `server-first`, `opaque`, or `unknown` so far.
  public var `protocol`: String
  /// The server name of a TLS client hello, as the peer sent it.
  public var sni: String?
  /// Bytes sent to the one who dialled.
  public var bytesSent: UInt64
  /// Bytes received from the one who dialled.
  public var bytesReceived: UInt64
  public var ageMs: Int64
  /// The program that dialled; nil where it is not known, as on inbound connections.
  public var process: ProcessReport?

  public init(
    id: String,
    direction: Direction,
    source: SocketAddress,
    originalDestination: SocketAddress,
    upstream: SocketAddress?,
    verdict: VerdictDescription,
    protocol: String,
    sni: String?,
    bytesSent: UInt64,
    bytesReceived: UInt64,
    ageMs: Int64,
    process: ProcessReport?
  ) {
    self.id = id
    self.direction = direction
    self.source = source
    self.originalDestination = originalDestination
    self.upstream = upstream
    self.verdict = verdict
    self.protocol = `protocol`
    self.sni = sni
    self.bytesSent = bytesSent
    self.bytesReceived = bytesReceived
    self.ageMs = ageMs
    self.process = process
  }
}

/// The program behind a socket, as the kernel names it.
public struct ProcessReport: Codable, Hashable, Sendable {
  public var pid: Int32?
  public var uid: UInt32?
  public var comm: String?
  public var cgroup: String?

  public init(pid: Int32? = nil, uid: UInt32? = nil, comm: String? = nil, cgroup: String? = nil) {
    self.pid = pid
    self.uid = uid
    self.comm = comm
    self.cgroup = cgroup
  }
}
