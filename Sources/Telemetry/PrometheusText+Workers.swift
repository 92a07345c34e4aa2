extension PrometheusText {
  /// Adds the counters of all workers, each series summed. The workers share one layout.
  public mutating func add(_ workers: [WorkerMetrics]) {
    guard let layout = workers.first?.layout else { return }
    for metric in layout.families {
      family(metric.name, metric.prometheusKind, metric.help)
      for (number, labels) in metric.series.enumerated() {
        let base = metric.base + number * metric.cellsPerSeries
        switch metric.kind {
        case .counter:
          sample(metric.name, Self.sum(workers, at: base), labels)
        case .gauge:
          sample(metric.name, Int64(bitPattern: Self.sum(workers, at: base)), labels)
        case .histogram(let histogram):
          add(histogram, metric.name, labels, base, workers)
        }
      }
    }
  }

  private mutating func add(
    _ histogram: Histogram,
    _ name: String,
    _ labels: [MetricLabel],
    _ base: Int,
    _ workers: [WorkerMetrics]
  ) {
    var count: UInt64 = 0
    for (bucket, bound) in histogram.bounds.enumerated() {
      count &+= Self.sum(workers, at: base + bucket)
      sample("\(name)_bucket", count, labels + [MetricLabel("le", "\(bound)")])
    }
    count &+= Self.sum(workers, at: base + histogram.bounds.count)
    sample("\(name)_bucket", count, labels + [MetricLabel("le", "+Inf")])
    sample("\(name)_sum", Self.sum(workers, at: base + histogram.bounds.count + 1), labels)
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
    case .gauge: .gauge
    case .histogram: .histogram
    }
  }
}
