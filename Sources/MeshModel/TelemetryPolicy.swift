/// Istio's Telemetry (telemetry.istio.io/v1), as far as it speaks of sampling and access logs.
public struct TelemetryPolicy: Hashable, Sendable {
  /// The namespace whose workloads it is for.
  public var namespace: String
  /// Its name, unique within the namespace.
  public var name: String
  /// The workloads of the namespace it applies to; one with a selector wins over one without.
  public var selector: LabelSelector
  /// Requests without a sampling decision of their own that are sampled: traced, and recorded though they succeeded.
  /// Nil: not said.
  public var sampledPartsPerMillion: UInt32?
  /// Whether successes are recorded at all; nil: not said. Errors and denials always are.
  public var recordsSuccesses: Bool?

  /// A document; by default it says nothing.
  public init(
    namespace: String,
    name: String,
    selector: LabelSelector = LabelSelector(),
    sampledPartsPerMillion: UInt32? = nil,
    recordsSuccesses: Bool? = nil
  ) {
    self.namespace = namespace
    self.name = name
    self.selector = selector
    self.sampledPartsPerMillion = sampledPartsPerMillion
    self.recordsSuccesses = recordsSuccesses
  }

  /// `namespace/name`.
  public var fullName: String { "\(namespace)/\(name)" }

  /// Whether the document applies to `workload` at all.
  public func selects(_ workload: Workload) -> Bool {
    namespace == workload.namespace && selector.selects(workload.labels)
  }
}

/// Istio's Sidecar (networking.istio.io/v1), as far as it says what becomes of what the mesh does not know.
public struct SidecarPolicy: Hashable, Sendable {
  /// The namespace whose workloads it is for.
  public var namespace: String
  /// Its name, unique within the namespace.
  public var name: String
  /// The workloads of the namespace it applies to; one with a selector wins over one without.
  public var selector: LabelSelector
  /// `outboundTrafficPolicy.mode`.
  public var outboundMode: OutboundMode

  /// A document.
  public init(
    namespace: String,
    name: String,
    selector: LabelSelector = LabelSelector(),
    outboundMode: OutboundMode
  ) {
    self.namespace = namespace
    self.name = name
    self.selector = selector
    self.outboundMode = outboundMode
  }

  /// `namespace/name`.
  public var fullName: String { "\(namespace)/\(name)" }

  /// Whether the document applies to `workload` at all.
  public func selects(_ workload: Workload) -> Bool {
    namespace == workload.namespace && selector.selects(workload.labels)
  }
}
