internal import MeshModel

/// Reads Istio's RequestAuthentication (istio.io/api security/v1beta1 request_authentication.proto).
enum TokenReader {
  /// The document; nil after an error.
  static func read(_ document: Field) -> (ObjectName, RequestAuthentication)? {
    guard let (name, spec) = document.nameAndSpec(wanted: "jwtRules: ..."),
      let fields = spec.object(["selector", "jwtRules"], advice: AuthorizationReader.targets)
    else { return nil }
    let rules = fields["jwtRules"]?.each(limit: SnapshotLimits.maxTokenTerms, rule) ?? []
    if fields["jwtRules"]?.isEmpty ?? true { spec.warning("has no jwtRules, so it asks for nothing") }
    guard let name else { return nil }
    name.warnOfRootNamespace()
    let policy = RequestAuthentication(
      namespace: name.namespace,
      name: name.name,
      selector: fields["selector"]?.workloadSelector() ?? LabelSelector(),
      rules: rules
    )
    return (name, policy)
  }

  private static let advice = [
    "fromCookies": "is not supported; write fromHeaders or fromParams",
    "spaceDelimitedClaims": "is not supported",
  ]

  private static func rule(_ field: Field) -> RequestAuthentication.Rule? {
    let known = [
      "issuer", "audiences", "jwks", "jwksUri", "fromHeaders", "fromParams", "outputPayloadToHeader",
      "outputClaimToHeaders", "forwardOriginalToken", "timeout",
    ]
    guard let fields = field.object(known, advice: advice) else { return nil }
    let limit = SnapshotLimits.maxTokenTerms
    let issuer = field.require("issuer", in: fields, "issuer: https://issuer.example.com")?.text(HTTPSyntax.textProblem)
    // How long fetching keys may take; nothing is fetched here.
    _ = fields["timeout"]?.milliseconds()
    let rule = RequestAuthentication.Rule(
      issuer: issuer ?? "",
      audiences: fields["audiences"]?.entries(limit: limit) { $0.text(HTTPSyntax.textProblem) } ?? [],
      keys: keys(field, fields),
      fromHeaders: fields["fromHeaders"]?.entries(limit: limit, location) ?? [],
      fromParameters: fields["fromParams"]?.entries(limit: limit) { $0.text(HTTPSyntax.textProblem) } ?? [],
      forwardsToken: fields["forwardOriginalToken"]?.boolean() ?? false,
      payloadHeader: fields["outputPayloadToHeader"]?.text(HTTPSyntax.editedNameProblem)?.lowercased() ?? "",
      claimHeaders: fields["outputClaimToHeaders"]?.entries(limit: limit, claimHeader) ?? []
    )
    return rule
  }

  private static func keys(_ field: Field, _ fields: [String: Field]) -> [JSONWebKey] {
    switch (fields["jwks"], fields["jwksUri"]) {
    case (let inline?, nil):
      return inline.text().map { KeySetReader.read(Array($0.utf8), inline) } ?? []
    case (nil, let uri?):
      return uri.text().flatMap { KeyFile.read($0, uri) }.map { KeySetReader.read($0, uri) } ?? []
    case (_?, let uri?):
      uri.error("does not go with jwks; leave one out")
    case (nil, nil):
      field.error("jwks is missing; nothing is asked of the issuer, so write its keys: jwks: '{\"keys\": [...]}'")
    }
    return []
  }

  private static func location(_ field: Field) -> RequestAuthentication.HeaderLocation? {
    guard let fields = field.object(["name", "prefix"]) else { return nil }
    let name = field.require("name", in: fields, "name: authorization")?.text(HTTPSyntax.fieldNameProblem)
    let prefix = fields["prefix"]?.text { $0.isEmpty ? nil : HTTPSyntax.textProblem($0) }
    return name.map { RequestAuthentication.HeaderLocation(name: $0.lowercased(), prefix: prefix ?? "") }
  }

  private static func claimHeader(_ field: Field) -> RequestAuthentication.ClaimHeader? {
    guard let fields = field.object(["header", "claim"]) else { return nil }
    let header = field.require("header", in: fields, "header: x-user")?.text(HTTPSyntax.editedNameProblem)
    let claim = field.require("claim", in: fields, "claim: sub")?.text { text in
      if let problem = HTTPSyntax.textProblem(text) { return problem }
      let names = text.split(separator: ".", omittingEmptySubsequences: false)
      if names.contains(where: \.isEmpty) { return "has a dot without a name beside it" }
      return names.count > SnapshotLimits.maxClaimDepth
        ? "is more than \(SnapshotLimits.maxClaimDepth) claims deep" : nil
    }
    guard let header, let claim else { return nil }
    return RequestAuthentication.ClaimHeader(
      header: header.lowercased(),
      claim: claim.split(separator: ".").map(String.init)
    )
  }
}
