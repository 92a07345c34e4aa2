internal import MeshModel

extension PrometheusText {
  /// Adds what the workers counted of connections, by the names of linkerd2-proxy. Of series of their own only what was met is
  /// written, and histograms come last, so that these are what a bound would leave out.
  mutating func add(_ workers: [TCPMetrics], _ registry: TCPSeriesRegistry) {
    let own = registry.series
    let known =
      Self.general
      + own.enumerated().compactMap { place, series in
        let number = TCPSeriesRegistry.own + place
        return workers.contains { $0.hasMet(number) } ? Known(labels: series.labels, number: number, isOwn: true) : nil
      }
    func sum(_ series: Known, _ cell: Int) -> UInt64 {
      workers.reduce(0) { $0 &+ $1.value(series: series.number, at: cell) }
    }
    family("tcp_open_total", .counter, "Connections opened, by the proxy to `dst` or to it by `src`.")
    for series in known { sample("tcp_open_total", sum(series, TCPMetrics.openedCell), series.labels) }
    family("tcp_open_connections", .gauge, "Connections open now.")
    for series in known {
      sample("tcp_open_connections", Int64(bitPattern: sum(series, TCPMetrics.openCell)), series.labels)
    }
    family(
      "tcp_close_total",
      .counter,
      "Connections closed, by the error that ended them; none for an orderly end."
    )
    for series in known {
      for (index, errno) in ErrnoLabel.names.enumerated() {
        let count = sum(series, TCPMetrics.closedBase + index)
        if count > 0 || !series.isOwn {
          sample("tcp_close_total", count, series.labels + [MetricLabel("errno", errno)])
        }
      }
    }
    family("tcp_read_bytes_total", .counter, "Bytes read from the peer.")
    for series in known { sample("tcp_read_bytes_total", sum(series, TCPMetrics.readCell), series.labels) }
    family("tcp_write_bytes_total", .counter, "Bytes written to the peer.")
    for series in known { sample("tcp_write_bytes_total", sum(series, TCPMetrics.wroteCell), series.labels) }
    family("weft_tcp_series", .gauge, "Series of connections: sets of direction, end, security and service.")
    sample("weft_tcp_series", own.count)
    family(
      "weft_tcp_series_folded_total",
      .counter,
      "Times that a set of labels had to share the series of its direction and end, since all numbers were given away."
    )
    sample("weft_tcp_series_folded_total", registry.folded)
    family("tcp_connection_duration_ms", .histogram, "How long connections were open, in milliseconds.")
    for series in known where hasRoom(for: TCPMetrics.durations.cells + 1) {
      let cells = (0..<TCPMetrics.durations.cells).map { sum(series, TCPMetrics.durationBase + $0) }
      add(TCPMetrics.durations, "tcp_connection_duration_ms", series.labels, cells)
    }
  }

  private struct Known {
    let labels: [MetricLabel]
    let number: Int
    let isOwn: Bool
  }

  /// What has no labels of its own.
  private static var general: [Known] {
    Direction.allCases.flatMap { direction in
      Peer.allCases.map { peer in
        let labels = [MetricLabel("direction", direction.rawValue), MetricLabel("peer", peer.label)]
        return Known(labels: labels, number: TCPMetrics.general(direction, peer), isOwn: false)
      }
    }
  }
}
