internal import MeshModel

/// Reads Istio's PeerAuthentication (istio.io/api security/v1beta1 peer_authentication.proto), refusing what Istio's own
/// validation refuses, and what Istio takes and does not do.
enum PeerAuthenticationReader {
  private enum Word: String, CaseIterable {
    case unset = "UNSET"
    case strict = "STRICT"
    case permissive = "PERMISSIVE"
    case disable = "DISABLE"

    var mode: PeerAuthentication.Mode? {
      switch self {
      case .unset: nil
      case .strict: .strict
      case .permissive: .permissive
      case .disable: .disable
      }
    }
  }

  /// The document; nil after an error.
  static func read(_ document: Field) -> (ObjectName, PeerAuthentication)? {
    guard let (name, spec) = document.nameAndSpec(wanted: "mtls: {mode: STRICT}", annotations: [Annotations.expires]),
      let fields = spec.object(["selector", "mtls", "portLevelMtls"], advice: AuthorizationReader.targets)
    else { return nil }
    let selector = fields["selector"]?.workloadSelector() ?? LabelSelector()
    let mode = fields["mtls"].flatMap(mode)
    let ports = fields["portLevelMtls"].map(ports) ?? []
    if let field = fields["portLevelMtls"], selector.isEverything {
      field.error("is for the workloads of a selector; write selector: {matchLabels: ...}")
    }
    guard let name else { return nil }
    if name.namespace == PeerAuthentication.rootNamespace, !selector.isEverything {
      fields["selector"]?.error(
        "does nothing in \(name.namespace), Istio's root namespace; leave it out to speak of the whole mesh, or write the "
          + "document in the workloads' namespace"
      )
    }
    var policy = PeerAuthentication(namespace: name.namespace, name: name.name, selector: selector, mode: mode)
    policy.ports = ports
    policy.expires_s = expiry(name, policy)
    policy.created_s = name.creationTimestamp?.timestamp() ?? 0
    return (name, policy)
  }

  /// Istio takes an object without a mode for UNSET.
  private static func mode(_ field: Field) -> PeerAuthentication.Mode? {
    guard let fields = field.object(["mode"]) else { return nil }
    return fields["mode"]?.word(Word.self, "mode")?.mode
  }

  private static func ports(_ field: Field) -> [PeerAuthentication.Port] {
    guard let pairs = field.anyObject() else { return [] }
    if pairs.isEmpty { field.error("is empty; name a port in it or leave it out") }
    guard pairs.count <= SnapshotLimits.maxPorts else {
      field.error("has \(pairs.count) ports, more than the \(SnapshotLimits.maxPorts) allowed")
      return []
    }
    let ports = pairs.compactMap { text, value -> PeerAuthentication.Port? in
      guard let port = UInt16(text), port > 0, String(port) == text else {
        value.error("\"\(text)\" is not a port; ports are 1 to 65535, the ones that the program listens on")
        return nil
      }
      return .init(port, mode(value))
    }
    // In one order, so that equal documents are equal.
    return ports.sorted { $0.port < $1.port }
  }

  /// When its exceptions end.
  private static func expiry(_ name: ObjectName, _ policy: PeerAuthentication) -> Int64? {
    let annotation = name.annotations?.anyObject()?.last { $0.name == Annotations.expires }?.value
    guard let annotation, !annotation.isNull else {
      if policy.hasException {
        name.field.warning(
          "lets in who shows no identity, without end; annotate \(Annotations.expires): \"2026-12-31T00:00:00Z\" or the "
            + "like"
        )
      }
      return nil
    }
    if !policy.hasException {
      annotation.error("ends nothing: only PERMISSIVE and DISABLE end, and neither is in the document")
    }
    return annotation.timestamp()
  }
}
