internal import HTTP1
internal import MeshModel
internal import Policy

/// Why a request ended as it did: one of these in every request's record.
enum RequestEnd: UInt8, Sendable, CaseIterable {
  /// It was answered by whom it was meant for, whatever the status.
  case finished
  /// The route answers itself, by a redirect.
  case redirected
  /// The client broke HTTP's rules or a bound; the record's detail says which.
  case badRequest
  /// The client began a head and did not end it in time.
  case headTimeout
  /// A route is there for the service, but no rule takes the request.
  case noRoute
  /// The mesh does not know the name, and only what it knows may be reached.
  case unknownName
  /// The service has no endpoint that may be asked.
  case noEndpoint
  /// The endpoint could not be connected to.
  case connectFailed
  /// The endpoint closed before it had answered.
  case upstreamClosed
  /// The endpoint closed in the midst of its answer.
  case upstreamTruncated
  /// What the endpoint sent is no HTTP/1.1.
  case upstreamProtocol
  /// No answer in the request's time.
  case timeout
  case denied
  /// The token is missing where it must be right, or is not.
  case unauthenticated
  case rateLimited
  /// A fault was injected.
  case aborted
  case clientGone
  /// No byte either way for too long.
  case idle
  /// Too much is under way.
  case overloaded
  /// It went round in a circle.
  case loop
  /// The drain deadline passed.
  case drained
  /// The rule that takes the request has no backend that could.
  case noBackend
  /// Another proxy's request is for a port of this proxy itself.
  case ownPort
  /// Whoever was asked refused it unseen, by REFUSED_STREAM or GOAWAY.
  case refusedUnseen

  /// The word in WEFT_REASON, `x-weft-reason`, metrics and `-o json`.
  var text: StaticString {
    switch self {
    case .finished: "finished"
    case .redirected: "redirected"
    case .badRequest: "bad-request"
    case .headTimeout: "head-timeout"
    case .noRoute: "no-route"
    case .unknownName: "unknown-name"
    case .noEndpoint: "no-endpoint"
    case .connectFailed: "connect-failed"
    case .upstreamClosed: "upstream-closed"
    case .upstreamTruncated: "upstream-truncated"
    case .upstreamProtocol: "upstream-protocol"
    case .timeout: "timeout"
    case .denied: "denied"
    case .unauthenticated: "unauthenticated"
    case .rateLimited: "rate-limited"
    case .aborted: "fault-injected"
    case .clientGone: "client-gone"
    case .idle: "idle-timeout"
    case .overloaded: "overloaded"
    case .loop: "loop"
    case .drained: "drain-deadline"
    case .noBackend: "no-backend"
    case .ownPort: "own-port"
    case .refusedUnseen: "refused-unseen"
    }
  }
}

/// What a worker tells the recorder of one request, by value through a ring of its own; the worker formats nothing.
struct RequestEvent: BitwiseCopyable {
  /// Bytes of authority and target that are kept for the record; what is longer is cut, and `isCut` says so.
  static let textCapacity = 240
  /// `fault` where there is none.
  static let noFault: UInt8 = 0xff

  var connection: ConnectionID
  /// Counts the requests of a connection from 1.
  var number: UInt32
  var direction: Direction
  var end: RequestEnd
  /// The parser's or policy's own word for what was wrong, as a raw value of `HeadFault`; 0xff where there is none.
  var fault: UInt8 = 0xff
  /// The raw value of the `TokenFault` for which a token was refused; 0xff where none was.
  var tokenFault: UInt8 = 0xff
  var flags: ResponseFlags
  var method: Method
  /// What the client was answered; 0 where it was gone before.
  var status: UInt16
  /// What a call of gRPC came to; nil for other requests, and where nobody said.
  var grpcCode: GRPCCode?
  /// Tries beyond the first.
  var retries: UInt8 = 0
  /// Whether its client speaks HTTP/2; else HTTP/1.
  var isOverHTTP2 = false
  /// Whether the record is wanted though all is well.
  var isSampled: Bool
  /// Whether somebody taps and this one is within the bound: `Outbox.takesTap`.
  var isTapped = false
  /// `errno` behind the end, 0 where there is none.
  var code: Int32 = 0
  var source: SocketAddress
  var destination: SocketAddress
  /// Who answered; unspecified where nobody was asked.
  var upstream: SocketAddress
  /// Index of the service's port in the `RequestTable` of `tableVersion`; -1 where the mesh does not know the name.
  var servicePort: Int32
  /// Index of the route's rule in that table; -1 where none was used.
  var rule: Int32
  /// Index of the backend's service port; -1 where none was chosen.
  var backend: Int32
  /// The table that the three refer to, and that made `verdict`.
  var tableVersion: UInt32
  var verdict: RequestVerdict?
  /// Who is at both ends of the mesh's part of it.
  var proof = PeerProof.none
  /// What NetworkPolicies say of the endpoint that a service's request goes to, by the snapshot of `tableVersion`.
  var flowVerdict: Verdict?
  /// Body bytes.
  var bytesSent: UInt64
  var bytesReceived: UInt64
  /// From the first byte of the head.
  var duration_ns: UInt64
  /// Until the first byte of the answer's head; 0 where there was none.
  var firstByte_ns: UInt64
  var traceHigh: UInt64
  var traceLow: UInt64
  var span: UInt64
  /// The span it continues; 0: it began the trace.
  var parentSpan: UInt64
  /// `authority`, then `method` where it is none of ours, then `target`, one behind the other.
  var authorityCount: UInt8
  var methodCount: UInt8
  var targetCount: UInt8
  var isCut: Bool
  var text: InlineArray<240, UInt8>
}

extension RequestEvent {
  /// What a request comes to that ended so with that status. What is not `ok` is always recorded.
  static func outcome(_ end: RequestEnd, status: UInt16, _ code: GRPCCode? = nil) -> RequestOutcome {
    switch end {
    case .finished: status < 500 && code?.isFailure != true ? .ok : .failed
    case .redirected: .ok
    case .denied, .unauthenticated, .rateLimited, .ownPort: .denied
    case .badRequest, .headTimeout, .noRoute, .unknownName, .noEndpoint, .connectFailed: .failed
    case .upstreamClosed, .upstreamTruncated, .upstreamProtocol, .timeout, .aborted: .failed
    // A client that does not wait for its answer: often its own timeout is the first sign of a slow server.
    case .clientGone, .idle, .overloaded, .loop, .drained, .noBackend, .refusedUnseen: .failed
    }
  }

  var outcome: RequestOutcome { Self.outcome(end, status: status, grpcCode) }
  /// Whether it goes to the journal, where the journal has room.
  var isRecorded: Bool { isSampled || outcome != .ok }
}
