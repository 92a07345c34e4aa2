extension PrometheusText {
  /// Adds the counters of all workers, each series summed. The workers share one layout.
  public mutating func add(_ workers: [WorkerMetrics]) {
    guard let layout = workers.first?.layout else { return }
    for metric in layout.families {
      for (number, labels) in metric.series.enumerated() {
        let base = metric.base + number * metric.cellsPerSeries
        // A series that never counted is left out, except where zero says something: most of what an errno, a reason
        // and a direction allow never happens.
        if number == 0 { family(metric.name, metric.prometheusKind, metric.help) }
        switch metric.kind {
        case .counter:
          sample(metric.name, labels, Self.sum(workers, at: base))
        case .gauge:
          sample(metric.name, labels, Int64(bitPattern: Self.sum(workers, at: base)))
        case .histogram(let histogram):
          add(histogram, metric.name, labels, base, workers)
        }
      }
    }
  }

  private mutating func add(
    _ histogram: Histogram, _ name: String, _ labels: [MetricLabel], _ base: Int, _ workers: [WorkerMetrics]
  ) {
    var count: UInt64 = 0
    for (bucket, bound) in histogram.bounds.enumerated() {
      count &+= Self.sum(workers, at: base + bucket)
      sample("\(name)_bucket", labels + [MetricLabel("le", "\(bound)")], count)
    }
    count &+= Self.sum(workers, at: base + histogram.bounds.count)
    sample("\(name)_bucket", labels + [MetricLabel("le", "+Inf")], count)
    sample("\(name)_sum", labels, Self.sum(workers, at: base + histogram.bounds.count + 1))
    // From the same reads as the buckets, so that the two always agree.
    sample("\(name)_count", labels, count)
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
