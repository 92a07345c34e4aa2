/// The reply to `GET /v1/connections?limit=N`.
public struct ConnectionList: Codable, Hashable, Sendable {
  /// The connections, in no order that means anything.
  public var connections: [ConnectionReport]
  /// Whether there are more than these.
  public var truncated: Bool

  /// A reply.
  public init(connections: [ConnectionReport], truncated: Bool) {
    self.connections = connections
    self.truncated = truncated
  }
}

/// The reply to `GET /v1/connections/ID`.
public struct ConnectionDetail: Codable, Hashable, Sendable {
  /// The connection, with the verdict it was let in by.
  public var connection: ConnectionReport
  /// What the policy held now says of it.
  public var explanation: Explanation

  /// A reply.
  public init(connection: ConnectionReport, explanation: Explanation) {
    self.connection = connection
    self.explanation = explanation
  }
}

/// One live connection.
public struct ConnectionReport: Codable, Hashable, Sendable {
  /// The CONNECTION_ID of its journal entries.
  public var id: String
  /// Seen from the workload.
  public var direction: Direction
  /// Who dialled.
  public var source: SocketAddress
  /// What was dialled.
  public var originalDestination: SocketAddress
  /// Where the proxy dialled; nil until it did.
  public var upstream: SocketAddress?
  /// What was decided when it came, or when policy last changed.
  public var verdict: VerdictDescription
  /// What was detected: `tls`, `http/1`, `http/2`, `server-first`, `opaque`, or `unknown` so far.
  public var `protocol`: String
  /// The server name of a TLS client hello, as the peer sent it.
  public var sni: String?
  /// Bytes sent to the one who dialled.
  public var bytesSent: UInt64
  /// Bytes received from the one who dialled.
  public var bytesReceived: UInt64
  /// Milliseconds since it was accepted.
  public var ageMs: Int64
  /// The SPIFFE ID that mutual TLS has proved for the side that dialled; nil where it came or went without.
  public var sourceIdentity: String?
  /// The same for the side that was dialled.
  public var destinationIdentity: String?
  /// `TLSv1.3`, between the two proxies; nil without mutual TLS.
  public var tlsVersion: String?
  /// Whether an earlier session was taken up there; nil without mutual TLS.
  public var tlsResumed: Bool?
  /// The program that dialled; nil where it is not known, as on inbound connections.
  public var process: ProcessReport?
  /// Requests begun, where they are served one by one.
  public var requests: UInt32?
  /// The one under way; nil between two.
  public var request: RequestUnderWay?

  /// A connection.
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

/// A request that was asked and not answered to its end.
public struct RequestUnderWay: Codable, Hashable, Sendable {
  /// As the client wrote it.
  public var method: String
  /// The host it names, as sent, cut where it is long.
  public var authority: String
  /// Without the query, in which secrets may be, and cut where it is long.
  public var path: String
  /// `namespace/name:port` that it is for, where the mesh knows that.
  public var service: String?
  /// Milliseconds since it began.
  public var ageMs: Int64

  /// A request.
  public init(method: String, authority: String, path: String, service: String?, ageMs: Int64) {
    self.method = method
    self.authority = authority
    self.path = path
    self.service = service
    self.ageMs = ageMs
  }
}

/// The program behind a socket, as the kernel names it.
public struct ProcessReport: Codable, Hashable, Sendable {
  /// Its process id, in the proxy's PID namespace.
  public var pid: Int32?
  /// The user it runs as.
  public var uid: UInt32?
  /// Its command name, as it set it itself (comm in proc(5)).
  public var comm: String?
  /// Its control group's path.
  public var cgroup: String?

  /// What is known of a program.
  public init(pid: Int32? = nil, uid: UInt32? = nil, comm: String? = nil, cgroup: String? = nil) {
    self.pid = pid
    self.uid = uid
    self.comm = comm
    self.cgroup = cgroup
  }
}
