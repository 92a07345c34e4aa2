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
    if fields["tracing"] == nil, fields["accessLogging"] == nil, !spec.hasMore(than: fields) {
      spec.warning("says nothing that is used here")
    }
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
