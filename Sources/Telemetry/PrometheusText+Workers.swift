extension PrometheusText {
  /// Adds the counters of all workers, each series summed. The workers share one layout, and the numbers of `registry`.
  public mutating func add(_ workers: [WorkerMetrics], _ registry: TCPSeriesRegistry = TCPSeriesRegistry()) {
    guard let layout = workers.first?.layout else { return }
    add(workers.map(\.tcp), registry)
    for metric in layout.families {
      family(metric.name, metric.prometheusKind, metric.help)
      for (number, labels) in metric.series.enumerated() {
        let base = metric.base + number * metric.cellsPerSeries
        switch metric.kind {
        case .counter:
          sample(metric.name, Self.sum(workers, at: base), labels)
        case .histogram(let histogram):
          add(histogram, metric.name, labels, (0..<histogram.cells).map { Self.sum(workers, at: base + $0) })
        }
      }
    }
  }

  /// Adds one series of a histogram, of which `cells` are the sums over all workers.
  mutating func add(_ histogram: Histogram, _ name: String, _ labels: [MetricLabel], _ cells: [UInt64]) {
    var count: UInt64 = 0
    for (bucket, bound) in histogram.bounds.enumerated() {
      count &+= cells[bucket]
      sample("\(name)_bucket", count, labels + [MetricLabel("le", "\(bound)")])
    }
    count &+= cells[histogram.bounds.count]
    sample("\(name)_bucket", count, labels + [MetricLabel("le", "+Inf")])
    sample("\(name)_sum", cells[histogram.bounds.count + 1], labels)
    // From the same reads as the buckets, so that the two always agree.
    sample("\(name)_count", count, labels)
  }

  private static func sum(_ workers: [WorkerMetrics], at cell: Int) -> UInt64 {
    workers.reduce(0) { $0 &+ $1.bank.value(at: cell) }
  }
}

extension MetricFamily {
  var prometheusKind: PrometheusText.Kind {
    switch kind {
    case .counter: .counter
    case .histogram: .histogram
    }
  }
}
