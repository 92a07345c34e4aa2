import HTTP1
import MeshModel
import Policy
import Testing

/// A request to be judged, in the terms of the documents.
struct Ask {
  var method = "GET"
  var target = "/"
  /// Lines behind the request line; without any the request names the host `web`.
  var fields = ["Host: web"]
  var source = IPAddress(v4: 0x0a01_0203)
  var remote: IPAddress?
  var destination = SocketAddress(IPAddress(v4: 0x0a09_0909), port: 8080)
  var peer: String?
  var peerNamespace: String?
  var serverName: String?
  var token: VerifiedToken?

  /// Calls `body` with the request parsed, its path normalised as the proxy does it under a table that uses paths.
  func judge<Result>(_ body: (borrowing RequestHead, borrowing RequestFacts) throws -> Result) throws -> Result {
    let text = (["\(method) \(target) HTTP/1.1"] + fields).joined(separator: "\r\n") + "\r\n\r\n"
    return try Array(text.utf8).withUnsafeBytes { bytes in
      var head = RequestHead()
      guard case .whole = head.parse(bytes) else { throw Unparsable(text: text) }
      return try withUnsafeTemporaryAllocation(byteCount: max(1, Int(head.path.count)), alignment: 1) { buffer in
        let path = PathNormalization.normalize(head[head.path], into: buffer)
        var facts = RequestFacts(
          source: source,
          destination: destination,
          path: UnsafeRawBufferPointer(rebasing: buffer[..<path.count]),
          hazards: path.hazards,
          host: head[head.host]
        )
        if let remote { facts.remote = remote }
        facts.token = token
        return try peer.withBytes { peer in
          try peerNamespace.withBytes { namespace in
            try serverName.withBytes { name in
              facts.peer = peer
              facts.peerNamespace = namespace
              facts.serverName = name
              return try body(head, facts)
            }
          }
        }
      }
    }
  }

  /// The verdict of `policies` for the workload without labels.
  func verdict(_ policies: [AuthorizationPolicy]) throws -> RequestVerdict {
    let table = AuthorizationTable(policies, for: .unlabelled)
    return try judge { table.decide($0, $1) }
  }

  /// Whether one rule matches, in a policy that allows, or in one that denies.
  func matches(_ rule: AuthorizationPolicy.Rule, _ action: AuthorizationPolicy.Action = .allow) throws -> Bool {
    try verdict([.test(action, [rule])]).isAllowed == (action == .allow)
  }
}

struct Unparsable: Error { let text: String }

extension String? {
  fileprivate func withBytes<Result>(_ body: (UnsafeRawBufferPointer?) throws -> Result) rethrows -> Result {
    guard let self else { return try body(nil) }
    return try Array(self.utf8).withUnsafeBytes { try body($0) }
  }
}

extension AuthorizationPolicy {
  static func test(
    _ action: Action,
    _ rules: [Rule],
    name: String = "p",
    isDryRun: Bool = false
  ) -> AuthorizationPolicy {
    AuthorizationPolicy(namespace: "default", name: name, action: action, isDryRun: isDryRun, rules: rules)
  }
}

extension AuthorizationPolicy.Rule {
  /// A rule with one source.
  static func from(_ fill: (inout AuthorizationPolicy.Source) -> Void) -> AuthorizationPolicy.Rule {
    var source = AuthorizationPolicy.Source()
    fill(&source)
    return AuthorizationPolicy.Rule(from: [source])
  }

  /// A rule with one operation.
  static func to(_ fill: (inout AuthorizationPolicy.Operation) -> Void) -> AuthorizationPolicy.Rule {
    var operation = AuthorizationPolicy.Operation()
    fill(&operation)
    return AuthorizationPolicy.Rule(to: [operation])
  }

  /// A rule with one condition, its values as documents write them.
  static func when(
    _ key: AuthorizationPolicy.Key,
    _ values: [String] = [],
    not notValues: [String] = []
  ) -> AuthorizationPolicy.Rule {
    let condition = AuthorizationPolicy.Condition(
      key,
      values: values.map { TextMatch($0) },
      notValues: notValues.map { TextMatch($0) }
    )
    return AuthorizationPolicy.Rule(when: [condition])
  }
}

/// A prefix from its text.
func prefix(_ text: String) throws -> IPPrefix { try #require(IPPrefix(text)) }
