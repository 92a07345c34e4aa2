internal import HTTP2
internal import MeshModel
internal import Policy

/// What a worker tells the recorder, by value through a ring; the worker formats nothing and waits for nobody.
struct PathEvent: BitwiseCopyable {
  /// What happened.
  enum Kind: UInt8 {
    /// A program connected: the recorder looks up which, while the socket is there to be found.
    case opened
    /// A connection ended, or never began: the one record it gets.
    case closed
    /// Accepting pauses for want of descriptors.
    case exhausted
  }

  let kind: Kind
  let direction: Direction
  let reason: CloseReason
  let detected: DetectedProtocol
  /// `errno` behind the reason, 0 where there is none.
  let code: Int32
  let id: ConnectionID
  let verdict: Verdict?
  /// The snapshot the verdict was made by.
  let policyVersion: UInt32
  let source: SocketAddress
  let destination: SocketAddress
  /// Where the proxy dialled.
  var upstream = SocketAddress(IPAddress(v4: 0), port: 0)
  /// Index of the service's port, by the table of `policyVersion`; -1 where it went to no service.
  var servicePort: Int32 = -1
  /// The rule of a TLSRoute that led it there, by the same table; -1 where none did.
  var rule: Int32 = -1
  /// What AuthorizationPolicies said of it, where they denied it as a connection.
  var requestVerdict: RequestVerdict?
  /// Why it was let in, or not, without an identity or with one.
  var entry: PeerVerdict?
  /// Who is at both ends of the mesh's part of it.
  var proof = PeerProof.none
  /// The client's requests were served one by one, each over whatever connection it found.
  var isOfRequests = false
  /// How many.
  var requests: UInt32 = 0
  /// What its two ends are counted under.
  var series = TCPEnds()
  /// What was wrong with the HTTP/2 of a connection that ended for it.
  var refusal = PathRefusal.none
  let bytesSent: UInt64
  let bytesReceived: UInt64
  let duration_ns: UInt64
  /// From accept to the end of the upstream handshake; 0 where it never ended.
  let connect_ns: UInt64
  /// Owned by whoever pops the event.
  let hello: UnsafeMutablePointer<ClientHello>?
  /// A refused client's socket, owned by whoever pops the event; -1 where there is none. As long as it is open the
  /// client can be looked up; closing it sends the reset.
  var held: Int32 = -1
}

extension PathEvent {
  /// `open` connections leave no descriptor for another; `code` is accept's `errno`, 0 where our own limit says so.
  init(exhausted code: Int32, open: UInt64) {
    let nowhere = SocketAddress(IPAddress(v4: 0), port: 0)
    self.init(
      kind: .exhausted,
      direction: .outbound,
      reason: .overloaded,
      detected: .silent,
      code: code,
      id: ConnectionID(rawValue: 0),
      verdict: nil,
      policyVersion: 0,
      source: nowhere,
      destination: nowhere,
      bytesSent: open,
      bytesReceived: 0,
      duration_ns: 0,
      connect_ns: 0,
      hello: nil
    )
  }
}
