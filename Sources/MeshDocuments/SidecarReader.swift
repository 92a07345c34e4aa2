internal import MeshModel

/// Reads Istio's Sidecar (istio.io/api networking/v1alpha3), as far as it says what becomes of what the mesh does not
/// know.
enum SidecarReader {
  private static let advice = [
    "ingress": "is not supported: capture options say which ports are taken; leave it out",
    "egress": "is not supported: a proxy knows the services of its snapshot; leave it out",
    "inboundConnectionPool": "is not supported",
  ]

  /// The document; nil after an error.
  static func read(_ document: Field) -> (ObjectName, SidecarPolicy)? {
    guard let (name, spec) = document.nameAndSpec(wanted: "outboundTrafficPolicy: {mode: REGISTRY_ONLY}"),
      let fields = spec.object(["workloadSelector", "outboundTrafficPolicy"], advice: advice)
    else { return nil }
    let wanted = "mode: REGISTRY_ONLY"
    let outbound = spec.require("outboundTrafficPolicy", in: fields, "outboundTrafficPolicy: {\(wanted)}")
    let inner = outbound?.object(["mode"], advice: ["egressProxy": "is not supported"])
    // Istio's default is REGISTRY_ONLY within the object and ALLOW_ANY without it; neither is for guessing.
    let mode = outbound.flatMap { field in inner.flatMap { field.require("mode", in: $0, wanted) } }?
      .word(OutboundMode.self, "mode")
    guard let name, let mode else { return nil }
    name.warnOfRootNamespace()
    let policy = SidecarPolicy(
      namespace: name.namespace,
      name: name.name,
      selector: fields["workloadSelector"]?.workloadSelector("labels") ?? LabelSelector(),
      outboundMode: mode
    )
    return (name, policy)
  }
}
