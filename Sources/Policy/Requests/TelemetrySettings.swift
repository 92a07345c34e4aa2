internal import MeshModel

/// What is sampled and recorded of a workload's requests.
public struct TelemetrySettings: Hashable, Sendable, BitwiseCopyable {
  /// Of a million requests without a decision of their own, how many are sampled; nil where no document says.
  public let sampledPartsPerMillion: UInt32?
  /// Whether successes are recorded at all.
  public let recordsSuccesses: Bool

  /// The documents that select the workload, one with a selector before one without, then by name; each field is the
  /// first that any of them gives.
  init(_ documents: [TelemetryPolicy], for workload: Workload) {
    let applying = documents.filter { $0.selects(workload) }.sorted { $0.rank < $1.rank }
    sampledPartsPerMillion = applying.lazy.compactMap(\.sampledPartsPerMillion).first
    recordsSuccesses = applying.lazy.compactMap(\.recordsSuccesses).first ?? true
  }
}

extension TelemetryPolicy {
  fileprivate var rank: (Int, String) { (selector.isEverything ? 1 : 0, name) }
}

extension OutboundMode {
  /// What the documents that select the workload say, by the same precedence; everything is allowed where none does.
  init(_ documents: [SidecarPolicy], for workload: Workload) {
    let applying = documents.filter { $0.selects(workload) }
    let first = applying.min {
      ($0.selector.isEverything ? 1 : 0, $0.name) < ($1.selector.isEverything ? 1 : 0, $1.name)
    }
    self = first?.outboundMode ?? .allowAny
  }
}
