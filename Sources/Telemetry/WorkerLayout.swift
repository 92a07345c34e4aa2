internal import MeshModel

/// Which end of a proxied connection is meant: Linkerd's `peer` label.
public enum Peer: Int, Sendable, CaseIterable {
  /// The side that dialled the proxy.
  case source
  /// The side the proxy dialled.
  case destination

  var label: String { self == .source ? "src" : "dst" }
}

/// Which counters a worker has beside those of `TCPMetrics`, and where each lies: made once, shared by the workers and the
/// scrape.
///
/// The label values are lists fixed at the start, so no peer can add a series.
public struct WorkerLayout: Sendable {
  let families: [MetricFamily]
  let cells: Int
  let durations = Histogram()

  let connectDuration: Int
  let verdicts: Int
  let detected: Int
  let ended: Int
  let connectFailures: Int
  let loops: Int
  let acceptPauses: Int
  let peersCrowded: Int
  let protocols: Int
  let reasons: Int

  /// `reasons` are the words for why connections end and `protocols` those for what is detected; the path counts by
  /// their indices (a `CaseIterable` enum's raw values).
  public init(reasons: [String], protocols: [String]) {
    var builder = Builder()
    let errnos = ErrnoLabel.names.map { MetricLabel("errno", $0) }
    let ways = Self.directions(nil)
    connectDuration = builder.add(
      "weft_connect_duration_ms",
      "From accept to the end of the upstream handshake, in milliseconds.",
      .histogram(durations),
      ways
    )
    verdicts = builder.add(
      "weft_verdicts_total",
      "Policy decisions on connections.",
      .counter,
      Self.directions { ["allow", "deny"].map { MetricLabel("decision", $0) } }
    )
    detected = builder.add(
      "weft_detected_total",
      "Connections by the protocol that was detected.",
      .counter,
      Self.directions { protocols.map { MetricLabel("protocol", $0) } }
    )
    ended = builder.add(
      "weft_connections_ended_total",
      "Connections by why they ended.",
      .counter,
      Self.directions { reasons.map { MetricLabel("reason", $0) } }
    )
    connectFailures = builder.add(
      "weft_connect_failures_total",
      "Connections to an upstream that failed, by error.",
      .counter,
      ways.flatMap { way in errnos.map { way + [$0] } }
    )
    loops = builder.add("weft_loops_refused_total", "Connections of the proxy to itself, refused.", .counter, ways)
    acceptPauses = builder.add(
      "weft_accept_pauses_total",
      "Times that accepting paused for want of descriptors.",
      .counter,
      [[]]
    )
    peersCrowded = builder.add(
      "weft_peer_share_refusals_total",
      "Connections and streams of other proxies refused, since their identity held as much as was left for others.",
      .counter,
      [[]]
    )
    families = builder.families
    cells = builder.cells
    self.reasons = reasons.count
    self.protocols = protocols.count
  }

  /// Label lists for both directions, outbound after inbound, each with every label of `further`.
  private static func directions(_ further: (() -> [MetricLabel])?) -> [[MetricLabel]] {
    Direction.allCases.flatMap { direction -> [[MetricLabel]] in
      let label = MetricLabel("direction", direction.rawValue)
      return further.map { $0().map { [label, $0] } } ?? [[label]]
    }
  }

  private struct Builder {
    var families: [MetricFamily] = []
    var cells = 0

    mutating func add(_ name: String, _ help: String, _ kind: MetricFamily.Kind, _ series: [[MetricLabel]]) -> Int {
      let family = MetricFamily(name: name, help: help, kind: kind, series: series, base: cells)
      families.append(family)
      cells += family.cellsPerSeries * series.count
      return family.base
    }
  }
}
