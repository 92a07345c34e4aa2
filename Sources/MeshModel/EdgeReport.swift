/// The reply to `GET /v1/edges`: who has talked with whom through a proxy, and how well that was secured.
public struct EdgeList: Codable, Hashable, Sendable {
  /// The edges, in no order that means anything.
  public var edges: [EdgeReport]
  /// Uses of edges for which a worker had no room, so that they are in none of these.
  public var folded: UInt64

  /// A reply.
  public init(edges: [EdgeReport], folded: UInt64) {
    self.edges = edges
    self.folded = folded
  }
}

/// One source, one destination and one way of talking, as a proxy at either end of it has counted.
public struct EdgeReport: Codable, Hashable, Sendable {
  /// How bytes went between the two.
  public enum Security: String, Codable, Hashable, Sendable, CaseIterable {
    /// Between two proxies, each of which has proved who it is.
    case mutualTLS = "mutual-tls"
    /// The programs speak TLS with each other, and the proxy has passed it on.
    case programTLS = "program-tls"
    /// The proxy speaks TLS with the server, as a DestinationRule asks; the server is none of the mesh.
    case serverTLS = "server-tls"
    case plainText = "plain-text"
  }

  /// Seen from the proxy's workload.
  public var direction: Direction
  /// The address of who dialled.
  public var source: IPAddress
  /// `namespace/name` of a service that it is an endpoint of, where the proxy knows one.
  public var sourceService: String?
  /// The endpoint.
  public var destination: SocketAddress
  /// `namespace/name` of the service that it is an endpoint of, where the proxy knows one.
  public var destinationService: String?
  /// Who the client has proved to be; nil without mutual TLS.
  public var clientIdentity: String?
  /// Who the server has proved to be; nil without mutual TLS.
  public var serverIdentity: String?
  /// How bytes went.
  public var security: Security
  /// Why it was so, as a clause.
  public var reason: String
  /// Both are of the mesh, and what they say to each other can be read on the way.
  public var isPlainWithinMesh: Bool
  /// Requests sent, tries counted one by one.
  public var requests: UInt64
  /// Connections of other protocols than HTTP.
  public var connections: UInt64
  /// Milliseconds since it was last used.
  public var lastUsedMs: Int64

  /// An edge.
  public init(
    direction: Direction,
    source: IPAddress,
    sourceService: String?,
    destination: SocketAddress,
    destinationService: String?,
    clientIdentity: String?,
    serverIdentity: String?,
    security: Security,
    reason: String,
    isPlainWithinMesh: Bool,
    requests: UInt64,
    connections: UInt64,
    lastUsedMs: Int64
  ) {
    self.direction = direction
    self.source = source
    self.sourceService = sourceService
    self.destination = destination
    self.destinationService = destinationService
    self.clientIdentity = clientIdentity
    self.serverIdentity = serverIdentity
    self.security = security
    self.reason = reason
    self.isPlainWithinMesh = isPlainWithinMesh
    self.requests = requests
    self.connections = connections
    self.lastUsedMs = lastUsedMs
  }
}
