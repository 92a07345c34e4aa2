/// The reply to `GET /v1/peers?limit=N`: a proxy's connections to and from other proxies.
public struct PeerList: Codable, Hashable, Sendable {
  /// The connections, in no order that means anything.
  public var peers: [PeerReport]
  /// Whether there are more than these.
  public var truncated: Bool

  /// A reply.
  public init(peers: [PeerReport], truncated: Bool) {
    self.peers = peers
    self.truncated = truncated
  }
}

/// One connection between two proxies.
public struct PeerReport: Codable, Hashable, Sendable {
  /// How far it has got.
  public enum State: String, Codable, Hashable, Sendable, CaseIterable {
    /// TCP or TLS is not up yet.
    case connecting
    case open
    /// It takes no new streams; those that are open go on.
    case leaving
  }

  /// `outbound` where this proxy has dialled.
  public var direction: Direction
  /// How far it has got.
  public var state: State
  /// The peer's address.
  public var address: SocketAddress
  /// Who the peer has proved to be; nil before it has.
  public var identity: String?
  /// Who is wanted; nil for a peer that dialled, who may be anyone of the trust domain.
  public var expectedIdentity: String?
  /// TLS's version, as `TLSv1.3`; nil before it is up.
  public var tlsVersion: String?
  /// Whether an earlier session was taken up; nil before TLS is up.
  public var isResumed: Bool?
  /// Milliseconds since it was dialled or accepted.
  public var ageMs: Int64
  /// Requests and connections that it carries now.
  public var streams: Int
  /// All that it has carried.
  public var streamsTotal: UInt64
  /// When the peer's certificate expires, in seconds since 1970; nil before it was shown.
  public var certificateNotAfterS: Int64?

  /// A connection.
  public init(direction: Direction, state: State, address: SocketAddress, ageMs: Int64) {
    self.direction = direction
    self.state = state
    self.address = address
    self.ageMs = ageMs
    streams = 0
    streamsTotal = 0
  }
}
