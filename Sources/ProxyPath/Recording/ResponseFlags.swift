/// Envoy's response flags (access log RESPONSE_FLAGS) as a set: a request may have earned several.
struct ResponseFlags: OptionSet, BitwiseCopyable, Sendable {
  let rawValue: UInt32

  /// The client went away.
  static let downstreamConnectionTermination = ResponseFlags(rawValue: 1 << 0)
  /// The client broke HTTP's rules.
  static let downstreamProtocolError = ResponseFlags(rawValue: 1 << 1)
  /// An endpoint could not be connected to.
  static let upstreamConnectionFailure = ResponseFlags(rawValue: 1 << 2)
  /// An endpoint closed or reset the connection before its answer was over.
  static let upstreamConnectionTermination = ResponseFlags(rawValue: 1 << 3)
  /// No endpoint is there to be asked.
  static let noHealthyUpstream = ResponseFlags(rawValue: 1 << 4)
  /// No answer within the request's time.
  static let upstreamRequestTimeout = ResponseFlags(rawValue: 1 << 5)
  /// The endpoint broke HTTP's rules.
  static let upstreamProtocolError = ResponseFlags(rawValue: 1 << 6)
  /// All tries that were allowed have failed.
  static let upstreamRetryLimitExceeded = ResponseFlags(rawValue: 1 << 7)
  /// Too much is under way: refused to protect the rest.
  static let upstreamOverflow = ResponseFlags(rawValue: 1 << 8)
  /// No route takes the request, or its name is not known to the mesh.
  static let noRouteFound = ResponseFlags(rawValue: 1 << 9)
  /// A policy said no, or the token is not right.
  static let unauthorizedExternalService = ResponseFlags(rawValue: 1 << 10)
  /// A rate limit is used up.
  static let rateLimited = ResponseFlags(rawValue: 1 << 11)
  /// A delay was injected.
  static let delayInjected = ResponseFlags(rawValue: 1 << 12)
  /// An abort was injected.
  static let faultInjected = ResponseFlags(rawValue: 1 << 13)
  /// Nobody said anything for too long.
  static let streamIdleTimeout = ResponseFlags(rawValue: 1 << 14)
  /// The proxy's drain deadline passed.
  static let durationTimeout = ResponseFlags(rawValue: 1 << 15)

  /// An endpoint, or the proxy before it, refused the request unseen.
  static let upstreamRemoteReset = ResponseFlags(rawValue: 1 << 16)

  /// The flags' short names in the order of their bits.
  private static let names: [StaticString] = [
    "DC", "DPE", "UF", "UC", "UH", "UT", "UPE", "URX", "UO", "NR", "UAEX", "RL", "DI", "FI", "SI", "DT", "UR",
  ]

  /// `UF,URX`, or `-` for none, as access logs have it.
  var text: String {
    guard !isEmpty else { return "-" }
    let earned = Self.names.indices.filter { rawValue & 1 << $0 != 0 }
    return earned.map { Self.names[$0].description }.joined(separator: ",")
  }
}
