internal import MeshModel

/// Reads Istio's Telemetry (istio.io/api telemetry/v1alpha1), as far as it speaks of sampling and access logs.
enum TelemetryReader {
  /// The document; nil after an error.
  static func read(_ document: Field) -> (ObjectName, TelemetryPolicy)? {
    var advice = AuthorizationReader.targets
    advice["metrics"] = "is not supported: the proxy's metrics are fixed; see the page of metrics"
    guard let (name, spec) = document.nameAndSpec(wanted: "tracing: ..., accessLogging: ..."),
      let fields = spec.object(["selector", "tracing", "accessLogging"], advice: advice)
    else { return nil }
    let sampled = fields["tracing"].flatMap(single).flatMap(tracing)
    let records = fields["accessLogging"].flatMap(single).flatMap(accessLogging)
    if fields["tracing"] == nil, fields["accessLogging"] == nil { spec.warning("says nothing that is used here") }
    guard let name else { return nil }
    name.warnOfRootNamespace()
    let policy = TelemetryPolicy(
      namespace: name.namespace,
      name: name.name,
      selector: fields["selector"]?.workloadSelector() ?? LabelSelector(),
      sampledPartsPerMillion: sampled,
      recordsSuccesses: records
    )
    return (name, policy)
  }

  private static func single(_ field: Field) -> Field? {
    guard let entries = field.list(limit: SnapshotLimits.maxTrafficTerms) else { return nil }
    if entries.isEmpty { field.error("is an empty list; give it an entry or leave it out") }
    if entries.count > 1 { field.error("has \(entries.count) entries; one is supported") }
    return entries.first
  }

  private static let providers = "is not supported: there is one place for records and traces; leave it out"

  private static func tracing(_ field: Field) -> UInt32? {
    let advice = [
      "providers": providers, "customTags": "is not supported", "match": "is not supported: it counts both ways",
      "useRequestIdForTraceSampling": "is not supported: the decision comes with traceparent",
      "enableIstioTags": "is not supported",
    ]
    guard let fields = field.object(["randomSamplingPercentage", "disableSpanReporting"], advice: advice) else {
      return nil
    }
    let sampled = fields["randomSamplingPercentage"]?.partsPerMillion()
    return fields["disableSpanReporting"]?.boolean() == true ? 0 : sampled
  }

  private static func accessLogging(_ field: Field) -> Bool? {
    let advice = [
      "providers": providers, "match": "is not supported: it counts both ways",
      "filter": "is not supported: errors and denials are always recorded, successes as sampled",
    ]
    guard let fields = field.object(["disabled"], advice: advice) else { return nil }
    // Naming access logs without disabling them is how Istio turns them on.
    return fields["disabled"].map { $0.boolean() }?.map { !$0 } ?? true
  }
}

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
