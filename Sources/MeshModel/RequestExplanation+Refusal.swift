extension RequestExplanation {
  /// Why the request would not get an answer of whom it is for, as a sentence without its full stop; nil where it would,
  /// as far as is known.
  public var refusal: String? {
    if let connection, connection.decision == .deny {
      return "its connection is refused: \(connection.reason)"
        + (connection.policy.isEmpty ? "" : " (\(connection.policy))")
    }
    switch outcome {
    case .redirected, .originalDestination: return nil
    case .noRule, .noBackend, .refused, .aborted, .loop, .malformed: return summary
    case .direct, .routed: return backends.contains(where: \.isUsable) ? nil : noEndpoint
    }
  }

  /// What the proxy answers where no backend can be asked; nil where one can.
  public var statusWithoutEndpoint: UInt16? {
    guard outcome == .direct || outcome == .routed, !backends.contains(where: \.isUsable) else { return nil }
    return isForbidden ? 403 : 503
  }

  private var isForbidden: Bool { backends.contains { $0.percent > 0 && $0.endpoints.contains(where: \.isReady) } }

  private var noEndpoint: String {
    isForbidden
      ? "NetworkPolicies forbid every endpoint that is ready, so it is answered 403"
      : "there is no endpoint that is ready, so it is answered 503 after a moment"
  }
}

extension RequestExplanation.Backend {
  /// Whether any request may come to it and get through.
  public var isUsable: Bool { percent > 0 && endpoints.contains { $0.isReady && $0.egress?.decision != .deny } }
}

/// What the workers of a proxy know of an endpoint.
public struct LiveEndpoint: Codable, Hashable, Sendable {
  /// Workers that know it; each learns for itself, by what it sends there.
  public var workers: Int
  /// Milliseconds: what an answer is expected to take, the mean of the workers' moving averages. Before the first answer
  /// it is an assumption.
  public var latencyMs: Double
  /// Requests under way.
  public var pending: UInt32
  /// Connections that wait for work.
  public var idleConnections: UInt32
  /// Workers that pass it over for now, after it failed them.
  public var passedOverBy: Int

  /// What no worker knows.
  public init(
    workers: Int = 0,
    latencyMs: Double = 0,
    pending: UInt32 = 0,
    idleConnections: UInt32 = 0,
    passedOverBy: Int = 0
  ) {
    self.workers = workers
    self.latencyMs = latencyMs
    self.pending = pending
    self.idleConnections = idleConnections
    self.passedOverBy = passedOverBy
  }
}
