/// Reason phrases of the statuses that the proxy itself answers with (RFC 9110 section 15); clients ignore them.
enum StatusText {
  /// The phrase for a status that the proxy answers with.
  static func reason(_ status: UInt16) -> StaticString {
    switch status {
    case 200: "OK"
    case 301: "Moved Permanently"
    case 302: "Found"
    case 303: "See Other"
    case 307: "Temporary Redirect"
    case 308: "Permanent Redirect"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 408: "Request Timeout"
    case 414: "URI Too Long"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 505: "HTTP Version Not Supported"
    case 508: "Loop Detected"
    default: "Injected"
    }
  }
}

extension RequestEnd {
  /// What a client is answered by the proxy itself, where the end does not say more closely (Envoy's statuses).
  var status: UInt16 {
    switch self {
    case .finished, .clientGone: 0
    case .redirected: 302
    case .badRequest: 400
    case .headTimeout: 408
    case .noRoute: 404
    case .unknownName: 502
    case .noEndpoint, .connectFailed, .upstreamClosed, .upstreamTruncated, .overloaded, .drained, .refusedUnseen:
      503
    case .upstreamProtocol: 502
    case .timeout, .idle: 504
    case .denied, .ownPort: 403
    case .unauthenticated: 401
    case .rateLimited: 429
    case .aborted: 503
    case .loop: 508
    case .noBackend: 500
    }
  }

  /// The flag that always goes with it.
  var flags: ResponseFlags {
    switch self {
    case .finished, .redirected: []
    case .badRequest, .headTimeout: .downstreamProtocolError
    case .noRoute, .unknownName, .loop, .noBackend: .noRouteFound
    case .noEndpoint: .noHealthyUpstream
    case .connectFailed: .upstreamConnectionFailure
    case .upstreamClosed, .upstreamTruncated: .upstreamConnectionTermination
    case .upstreamProtocol: .upstreamProtocolError
    case .timeout: .upstreamRequestTimeout
    case .denied, .unauthenticated, .ownPort: .unauthorizedExternalService
    case .rateLimited: .rateLimited
    case .aborted: .faultInjected
    case .clientGone: .downstreamConnectionTermination
    case .idle: .streamIdleTimeout
    case .overloaded: .upstreamOverflow
    case .drained: .durationTimeout
    case .refusedUnseen: .upstreamRemoteReset
    }
  }
}
