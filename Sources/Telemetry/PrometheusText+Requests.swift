internal import MeshModel

extension PrometheusText {
  /// Adds what the workers counted of requests, by the names of linkerd2-proxy. The workers share one layout.
  ///
  /// Only what has been counted is written: a series that never was costs nothing. Counters come before the histograms,
  /// which are the many, so that these are what the bound on samples leaves out.
  public mutating func add(_ workers: [RequestMetrics], _ registry: RequestSeriesRegistry) {
    guard let layout = workers.first?.layout else { return }
    let known = registry.series.enumerated().compactMap { number, series in
      RequestSums(workers, series: number).map { (labels: series.labels, sums: $0) }
    }
    addRequests(known, layout)
    addResponses(known, layout)
    addSums(known, layout)
    family("weft_request_series", .gauge, "Series of requests: sets of direction, service and route that were met.")
    sample("weft_request_series", known.count)
    family(
      "weft_request_series_folded_total",
      .counter,
      "Times that a set of labels had to share the series of service \"other\", since all numbers were given away."
    )
    sample("weft_request_series_folded_total", registry.folded)
    addLatencies(known)
  }

  private typealias Counted = (labels: [MetricLabel], sums: RequestSums)

  private mutating func addRequests(_ known: [Counted], _ layout: RequestLayout) {
    family("request_total", .counter, "Requests that ended.")
    for (labels, sums) in known {
      for (method, name) in layout.methods.enumerated() {
        counted("request_total", sums.requests(method: method), labels + [MetricLabel("method", name)])
      }
    }
  }

  private mutating func addResponses(_ known: [Counted], _ layout: RequestLayout) {
    family(
      "response_total",
      .counter,
      "Requests that were answered, by whether by 5xx, calls of gRPC by their status; the rest had no answer."
    )
    for (labels, sums) in known {
      for (method, name) in layout.methods.enumerated() {
        for statusClass in 1..<RequestLayout.statusClasses {
          let verdict = RequestLayout.isFailure(statusClass: statusClass) ? "failure" : "success"
          let further = [
            MetricLabel("method", name), MetricLabel("classification", verdict),
            MetricLabel("status_class", RequestLayout.label(statusClass: statusClass)),
          ]
          counted("response_total", sums.requests(method: method, statusClass: statusClass), labels + further)
        }
      }
      for code in 0..<RequestLayout.grpcCodes {
        let further = [
          MetricLabel("method", RequestLayout.callMethod),
          MetricLabel("classification", RequestLayout.isFailure(grpcCode: code) ? "failure" : "success"),
          MetricLabel("status_class", RequestLayout.label(statusClass: 2)), MetricLabel("grpc_status", "\(code)"),
        ]
        counted("response_total", sums.calls(grpcCode: code), labels + further)
      }
    }
  }

  private mutating func addSums(_ known: [Counted], _ layout: RequestLayout) {
    family("weft_requests_ended_total", .counter, "Requests by why they ended.")
    for (labels, sums) in known {
      for (end, reason) in layout.ends.enumerated() {
        counted("weft_requests_ended_total", sums.requests(end: end), labels + [MetricLabel("reason", reason)])
      }
    }
    family("weft_request_retries_total", .counter, "Tries beyond the first.")
    for (labels, sums) in known { counted("weft_request_retries_total", sums.retries, labels) }
    family("weft_request_bytes_total", .counter, "Bytes of request bodies.")
    for (labels, sums) in known { counted("weft_request_bytes_total", sums.received, labels) }
    family("weft_response_bytes_total", .counter, "Bytes of response bodies.")
    for (labels, sums) in known { counted("weft_response_bytes_total", sums.sent, labels) }
  }

  private mutating func addLatencies(_ known: [Counted]) {
    let name = "response_latency_ms"
    family(name, .histogram, "From a request's first byte to its answer's first byte, in milliseconds.")
    let bounds = RequestLayout.latencyBounds_ms.map { "\($0)" } + ["+Inf"]
    for (labels, sums) in known {
      for statusClass in 1..<RequestLayout.statusClasses {
        let buckets = sums.latencyBuckets(statusClass: statusClass)
        // All of a histogram or nothing: one without its last bucket would be refused as a whole.
        guard buckets.contains(where: { $0 > 0 }), hasRoom(for: bounds.count + 2) else { continue }
        let labels = labels + [MetricLabel("status_class", RequestLayout.label(statusClass: statusClass))]
        var count: UInt64 = 0
        for (bucket, bound) in zip(buckets, bounds) {
          count &+= bucket
          sample("\(name)_bucket", count, labels + [MetricLabel("le", bound)])
        }
        sample("\(name)_sum", sums.latencySum_ms(statusClass: statusClass), labels)
        sample("\(name)_count", count, labels)
      }
    }
  }

  private mutating func counted(_ name: String, _ value: UInt64, _ labels: [MetricLabel]) {
    if value > 0 { sample(name, value, labels) }
  }
}

extension RequestSeries {
  /// `service` holds namespace, name and port in one, in both directions: Linkerd's `dst_service` is a bare name, which two
  /// namespaces may share, and is there for outbound requests only.
  fileprivate var labels: [MetricLabel] {
    [MetricLabel("direction", direction.rawValue), MetricLabel("service", service), MetricLabel("route", route)]
  }
}
