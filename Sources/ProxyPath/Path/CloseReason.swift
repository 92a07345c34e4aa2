/// Why a connection ended: one of these in every record, beside Envoy's response flag for it.
enum CloseReason: UInt8, Sendable, CaseIterable {
  /// Both sides said they were done.
  case finished
  /// The program that connected reset the connection.
  case clientReset
  /// It did not keep to HTTP/2, and was told so.
  case badProtocol
  /// The other side reset it.
  case serverReset
  /// The upstream's kernel refused (RST to our SYN).
  case upstreamRefused
  case upstreamUnreachable
  /// No answer to the handshake within the connect timeout.
  case connectTimeout
  /// No byte either way for the idle timeout.
  case idle
  /// A policy said no before anything was dialled.
  case denied
  /// The client has shown no identity, and must.
  case unidentified
  /// Another proxy's stream is for a port of this proxy itself.
  case ownPort
  /// A policy that came into force later says no.
  case forbiddenByNewPolicy
  /// The destination is this proxy's own listener, or the connection is the proxy's own.
  case loop
  /// Nothing was redirected, so where to go is unknown: someone dialled the proxy's port.
  case notCaptured
  /// As many connections are open as the descriptor limit allows.
  case overloaded
  /// The drain deadline passed while it was open.
  case drained
  /// The mesh does not know the name that a TLS client asks for, and only what it knows may be reached.
  case unknownName
  /// The service has no endpoint that may be asked.
  case noEndpoint
  /// TLSRoutes are attached to the service, and none of them is for the name that a TLS client asks for; or none of the
  /// backends of the one that is can be asked.
  case noRoute

  /// Envoy's response flag (access log RESPONSE_FLAGS), or "-" for a plain end.
  var flag: StaticString {
    switch self {
    case .finished: "-"
    case .clientReset: "DC"
    case .badProtocol: "DPE"
    case .serverReset: "UC"
    case .upstreamRefused, .upstreamUnreachable: "UF"
    case .connectTimeout: "UF,URX"
    case .idle: "SI"
    case .denied, .unidentified, .ownPort, .forbiddenByNewPolicy: "UAEX"
    case .loop, .notCaptured, .unknownName, .noRoute: "NR"
    case .noEndpoint: "UH"
    case .overloaded: "UO"
    case .drained: "DT"
    }
  }

  /// The word in WEFT_REASON, metrics and `-o json`.
  var text: StaticString {
    switch self {
    case .finished: "finished"
    case .clientReset: "client-reset"
    case .badProtocol: "protocol-error"
    case .serverReset: "server-reset"
    case .upstreamRefused: "upstream-refused"
    case .upstreamUnreachable: "upstream-unreachable"
    case .connectTimeout: "connect-timeout"
    case .idle: "idle-timeout"
    case .denied: "denied"
    case .unidentified: "unidentified"
    case .ownPort: "own-port"
    case .forbiddenByNewPolicy: "forbidden-by-new-policy"
    case .loop: "loop"
    case .notCaptured: "not-captured"
    case .overloaded: "overloaded"
    case .drained: "drain-deadline"
    case .unknownName: "unknown-name"
    case .noEndpoint: "no-endpoint"
    case .noRoute: "no-route"
    }
  }

  /// Whether the program is told by a reset instead of an orderly end: always, unless both sides were done.
  var resets: Bool { self != .finished }
}
