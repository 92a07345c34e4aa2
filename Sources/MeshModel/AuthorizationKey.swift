extension AuthorizationPolicy.Key: LosslessStringConvertible {
  /// The keys that stand for themselves, as Istio's "conditions" reference writes them.
  public static let plain: [(text: String, key: AuthorizationPolicy.Key)] = [
    ("source.ip", .sourceIP), ("remote.ip", .remoteIP), ("source.namespace", .sourceNamespace),
    ("source.principal", .sourcePrincipal), ("request.auth.principal", .requestPrincipal),
    ("request.auth.audiences", .requestAudiences), ("request.auth.presenter", .requestPresenter),
    ("destination.ip", .destinationIP), ("destination.port", .destinationPort), ("connection.sni", .serverName),
  ]
  private static let header = "request.headers"
  private static let claims = "request.auth.claims"

  /// Reads Istio's form: one of `plain`, `request.headers[NAME]` or `request.auth.claims[A][B]`; nil for anything else.
  public init?(_ text: String) {
    if let known = Self.plain.first(where: { $0.text == text }) {
      self = known.key
    } else if let names = Self.bracketed(text, after: Self.header), names.count == 1 {
      self = .header(names[0].lowercased())
    } else if let names = Self.bracketed(text, after: Self.claims) {
      self = .claim(names)
    } else {
      return nil
    }
  }

  /// The form that the initializer reads.
  public var description: String {
    switch self {
    case .header(let name): "\(Self.header)[\(name)]"
    case .claim(let path): Self.claims + path.map { "[\($0)]" }.joined()
    default: Self.plain.first { $0.key == self }?.text ?? ""
    }
  }

  /// The names in `prefix[A][B]`: at least one, none empty or with a bracket in it.
  private static func bracketed(_ text: String, after prefix: String) -> [String]? {
    guard text.hasPrefix(prefix + "["), text.hasSuffix("]") else { return nil }
    let inner = text.dropFirst(prefix.count + 1).dropLast()
    let names = inner.split(separator: "][", omittingEmptySubsequences: false).map(String.init)
    return names.allSatisfy { !$0.isEmpty && !$0.contains("[") && !$0.contains("]") } ? names : nil
  }
}
