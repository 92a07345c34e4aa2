internal import MeshModel

/// Reads the TLS settings of a DestinationRule (istio.io/api networking/v1alpha3 ClientTLSSettings).
enum UpstreamTLSReader {
  private enum Mode: String, CaseIterable {
    case disable = "DISABLE"
    case simple = "SIMPLE"
    case mutual = "MUTUAL"
    case mesh = "ISTIO_MUTUAL"
  }

  private static let known = [
    "mode", "clientCertificate", "privateKey", "caCertificates", "subjectAltNames", "sni", "insecureSkipVerify",
  ]
  private static let advice = [
    "credentialName":
      "is not supported: there are no secrets of a cluster here; write clientCertificate, privateKey and caCertificates, the "
      + "paths of files at the proxy",
    "caCrl": "is not supported; leave it out",
  ]

  /// The settings; nil after an error.
  static func read(_ field: Field) -> UpstreamTLS? {
    guard let fields = field.object(known, advice: advice),
      let mode = field.require("mode", in: fields, "mode: SIMPLE")?.word(Mode.self, "mode")
    else { return nil }
    for name in known where fields[name] != nil && !allowed(name, with: mode) {
      fields[name]?.error("does not go with mode \(mode.rawValue)" + reason(mode))
    }
    let skipsVerification = fields["insecureSkipVerify"]?.boolean() ?? false
    if skipsVerification {
      for name in ["caCertificates", "subjectAltNames"] {
        fields[name]?.error("does not go with insecureSkipVerify, which looks at no certificate; leave one out")
      }
      fields["insecureSkipVerify"]?.warning(
        "the endpoint could be anybody: whoever is in between reads and changes all"
      )
    }
    let server = UpstreamTLS.Server(
      authorities: fields["caCertificates"].flatMap(file),
      // Names are compared without regard to case (RFC 6066 section 3), and kept small.
      name: fields["sni"]?.text { HTTPSyntax.hostnameProblem($0.lowercased()) }?.lowercased(),
      alternativeNames: fields["subjectAltNames"]?.entries(limit: SnapshotLimits.maxTrafficTerms) {
        $0.text(UpstreamTLS.alternativeNameProblem)
      } ?? [],
      skipsVerification: skipsVerification
    )
    switch mode {
    case .disable: return .disable
    case .mesh: return .mesh
    case .simple: return .simple(server)
    case .mutual:
      let chain = field.require("clientCertificate", in: fields, "clientCertificate: /etc/ssl/own.pem").flatMap(file)
      let key = field.require("privateKey", in: fields, "privateKey: /etc/ssl/own.key").flatMap(file)
      guard let chain, let key else { return nil }
      return .mutual(server, .init(chain: chain, key: key))
    }
  }

  private static func allowed(_ name: String, with mode: Mode) -> Bool {
    switch mode {
    case .disable, .mesh: name == "mode"
    case .simple: name != "clientCertificate" && name != "privateKey"
    case .mutual: true
    }
  }

  private static func reason(_ mode: Mode) -> String {
    switch mode {
    case .disable: ", which speaks no TLS"
    case .mesh: ", whose certificates and names are the mesh's own"
    case .simple: ", which shows no certificate; write mode: MUTUAL"
    case .mutual: ""
    }
  }

  private static func file(_ field: Field) -> String? { field.text(UpstreamTLS.fileProblem) }
}
