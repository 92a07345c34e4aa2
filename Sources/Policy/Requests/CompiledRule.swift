public import HTTP1
public import MeshModel

/// One rule of a route, ready to be followed.
public struct CompiledRule: Sendable {
  /// Which kind of route it is of.
  public let routeKind: HTTPRoute.Kind
  /// The namespace of the route.
  public let routeNamespace: String
  /// The route's name.
  public let routeName: String
  /// The rule's name; empty where it has none.
  public let ruleName: String
  /// Its place in the route.
  public let ruleIndex: Int
  /// `namespace/route/rule`, the rule by its name or as `rule0`: for records and metrics.
  public let label: String
  /// Done to the request.
  public let requestEdits: CompiledEdits
  /// Done to the response.
  public let responseEdits: CompiledEdits
  /// Answered instead of asking a backend.
  public let redirect: CompiledRedirect?
  /// The Host that backends see, where it is changed.
  public let hostname: [UInt8]?
  /// What becomes of the path, where it is changed.
  public let path: CompiledPathEdit?
  /// Who gets a copy.
  public let mirrors: [CompiledMirror]
  /// From the request's first byte to the response's last, in nanoseconds; 0: no limit.
  public let requestTimeout_ns: UInt64
  /// The same for one try.
  public let backendTimeout_ns: UInt64
  /// When a request is tried again; nil: never on account of this rule.
  public let retry: CompiledRetry?
  /// Faults to inject; those of the route's TrafficPolicy, or where it has none of the service's.
  public let fault: CompiledFault?
  /// Limits where requests arrive, resolved likewise: a range of `RequestTable.rateLimits`.
  public let rateLimits: Range<Int>
  /// How an endpoint of any backend is chosen, where the route's TrafficPolicy says so; it goes before the backend's own.
  public let balancing: TrafficPolicy.LoadBalancing?
  /// Where requests go: a range of `RequestTable.backends`; empty: to the service they are for.
  public let backends: Range<Int>
  /// The sum of the backends' weights.
  public let totalWeight: UInt64
}

/// One entry of a rule's `backendRefs`.
public struct CompiledBackend: Sendable {
  /// Index of `RequestTable.ports`; -1 for what the mesh does not have.
  public let port: Int32
  /// Its share of the rule's `totalWeight`.
  public let weight: UInt32
  /// Done to what goes to this backend only, after the rule's own.
  public let requestEdits: CompiledEdits
  /// Done to what comes from this backend only.
  public let responseEdits: CompiledEdits
}

/// A backend that gets copies of requests, whose answers nobody waits for.
public struct CompiledMirror: Sendable, BitwiseCopyable {
  /// Index of `RequestTable.ports`.
  public let port: Int32
  /// Of a million requests.
  public let partsPerMillion: UInt32
}

/// When a request is tried again.
public struct CompiledRetry: Sendable {
  /// Further tries after the first.
  public let attempts: UInt8
  /// Nanoseconds before the second try, growing from there.
  public let backoff_ns: UInt64
  /// Bit n of word w stands for status 100 + 64 w + n.
  private let statuses: InlineArray<8, UInt64>
  /// Bit n stands for grpc-status n.
  private let calls: UInt32

  init(_ retry: HTTPRoute.Retry) {
    attempts = retry.attempts
    backoff_ns = UInt64(retry.backoff_ms) * 1_000_000
    var statuses = InlineArray<8, UInt64>(repeating: 0)
    for code in retry.codes where (100..<612).contains(code) {
      statuses[Int(code - 100) / 64] |= 1 << UInt64((code - 100) % 64)
    }
    self.statuses = statuses
    calls = retry.grpcCodes.reduce(0) { $1 < 32 ? $0 | 1 << UInt32($1) : $0 }
  }

  /// Whether a call of gRPC that came to this is worth another try.
  public func retries(_ code: GRPCCode) -> Bool { calls >> UInt32(code.rawValue) & 1 == 1 }

  /// Whether a response with this status is worth another try.
  public func retries(_ status: UInt16) -> Bool {
    guard (100..<612).contains(status) else { return false }
    return statuses[Int(status - 100) / 64] >> UInt64((status - 100) % 64) & 1 == 1
  }
}

/// Faults for part of the requests. Draw once for each of the two.
public struct CompiledFault: Sendable, BitwiseCopyable {
  /// Nanoseconds to wait before the request goes on; 0: none.
  public let delay_ns: UInt64
  /// Of a million requests.
  public let delayPartsPerMillion: UInt32
  /// The status to answer with instead; 0: none.
  public let abortStatus: UInt16
  /// Of a million requests.
  public let abortPartsPerMillion: UInt32

  init(_ fault: TrafficPolicy.Fault) {
    delay_ns = UInt64(fault.delay_ms ?? 0) * 1_000_000
    delayPartsPerMillion = fault.delay_ms == nil ? 0 : fault.delayPartsPerMillion
    abortStatus = fault.abortStatus ?? 0
    abortPartsPerMillion = fault.abortStatus == nil ? 0 : fault.abortPartsPerMillion
  }
}

/// So many requests in so long a time.
public struct CompiledRateLimit: Sendable {
  /// `namespace/policy/limit0`, for records.
  public let label: String
  /// Requests allowed in `period_ns`.
  public let requests: UInt32
  /// Nanoseconds.
  public let period_ns: UInt64
  /// Whether each client address has an allowance of its own.
  public let isPerClient: Bool
  /// Where the client must be; nil: anywhere.
  let source: IPPrefix?
  /// Conditions on header fields, in the match list.
  let conditions: Range<Int>
  /// Whether a pattern of it cannot be compiled, so that it never counts anything.
  let isDead: Bool
}
