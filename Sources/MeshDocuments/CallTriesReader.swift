internal import MeshModel

/// What the annotations of a GRPCRoute ask for: of tries and time, which its rules have no fields for (HTTPRoute's have). It
/// holds for each rule of the route.
struct CallTries {
  private(set) var retry: HTTPRoute.Retry?
  private(set) var timeout_ms: UInt32?

  /// Those that a GRPCRoute has.
  static let annotations = [
    Annotations.retryOn, Annotations.retryAttempts, Annotations.retryBackoff, Annotations.requestTimeout,
  ]

  /// The names that Istio's VirtualService (`retryOn`) and Envoy (`x-envoy-retry-grpc-on`) have for what a call came to.
  private enum Condition: String, CaseIterable {
    case cancelled
    case deadlineExceeded = "deadline-exceeded"
    case `internal`
    case resourceExhausted = "resource-exhausted"
    case unavailable

    /// The number in `grpc-status`.
    var code: UInt8 {
      switch self {
      case .cancelled: 1
      case .deadlineExceeded: 4
      case .resourceExhausted: 8
      case .internal: 13
      case .unavailable: 14
      }
    }
  }

  init(_ annotations: Field?) {
    let pairs = annotations?.anyObject() ?? []
    func field(_ name: String) -> Field? { pairs.last { $0.name == name }?.value }
    timeout_ms = field(Annotations.requestTimeout)?.milliseconds()
    let (attempts, backoff) = (field(Annotations.retryAttempts), field(Annotations.retryBackoff))
    guard let conditions = field(Annotations.retryOn) else {
      for other in [attempts, backoff].compactMap({ $0 }) {
        other.error("asks for nothing without \(Annotations.retryOn): \"unavailable\" or the like")
      }
      return
    }
    var retry = HTTPRoute.Retry(grpcCodes: Self.codes(conditions))
    if let count = attempts?.decimal(0...SnapshotLimits.maxRetryAttempts, "a number of further tries") {
      retry.attempts = count
    }
    if let backoff_ms = backoff?.milliseconds() { retry.backoff_ms = backoff_ms }
    self.retry = retry
  }

  private static func codes(_ field: Field) -> [UInt8] {
    guard let text = field.text() else { return [] }
    var codes: [UInt8] = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false) {
      let word = String(name).trimmed
      guard let condition = Condition(rawValue: word) else {
        let known = Condition.allCases.map(\.rawValue)
        field.error("\"\(word)\" is not what a call is tried again for; \(Suggestion.clause(for: word, among: known))")
        continue
      }
      if !codes.contains(condition.code) { codes.append(condition.code) }
    }
    return codes.sorted()
  }
}

extension String {
  /// Without the blanks around it.
  fileprivate var trimmed: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}

extension Field {
  /// A number of `range` in the quotes that annotations have around all they say; `what` names it in errors.
  fileprivate func decimal(_ range: ClosedRange<UInt8>, _ what: String) -> UInt8? {
    guard let text = text() else { return nil }
    guard let number = UInt8(text), range.contains(number) else {
      error("\"\(text)\" is not \(what); wanted is \"\(range.lowerBound)\" to \"\(range.upperBound)\"")
      return nil
    }
    return number
  }
}
