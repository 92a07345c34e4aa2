import MeshModel
import Testing

@testable import Telemetry

@Suite struct RequestMetricsTests {
  static let layout = RequestLayout(methods: ["GET", "POST"], ends: ["finished", "denied", "client-gone"])

  @Test("What workers counted is summed, and each count lands in its own series")
  func merged() throws {
    let registry = RequestSeriesRegistry()
    let web = registry.number(direction: .outbound, service: "shop/web:80", route: "shop/r/rule0")
    let unknown = registry.number(direction: .inbound, service: "unknown", route: "")
    let workers = [RequestMetrics(Self.layout), RequestMetrics(Self.layout)]
    for worker in workers {
      worker.ended(series: web, method: 0, status: 204, end: 0, latency_ns: 1_500_000, received: 10, sent: 20)
    }
    workers[0].ended(series: web, method: 1, status: 503, end: 0, latency_ns: 60_000_000_000, retries: 2)
    workers[1].ended(series: web, method: 1, status: 0, end: 2, latency_ns: 0)
    workers[1].ended(series: unknown, method: 0, status: 403, end: 1, latency_ns: 10_000)
    let read = try Self.scrape(workers, registry)
    let labels = ["direction": "outbound", "service": "shop/web:80", "route": "shop/r/rule0"]
    func value(_ name: String, _ further: [String: String] = [:]) -> String? {
      read.value(name, labels.merging(further) { $1 })
    }
    #expect(value("request_total", ["method": "GET"]) == "2")
    #expect(value("request_total", ["method": "POST"]) == "2")
    let get = ["method": "GET", "classification": "success", "status_class": "2xx"]
    #expect(value("response_total", get) == "2")
    let post = ["method": "POST", "classification": "failure", "status_class": "5xx"]
    #expect(value("response_total", post) == "1")
    #expect(value("weft_requests_ended_total", ["reason": "finished"]) == "3")
    #expect(value("weft_requests_ended_total", ["reason": "client-gone"]) == "1")
    #expect(value("weft_request_retries_total") == "2")
    #expect(value("weft_request_bytes_total") == "20")
    #expect(value("weft_response_bytes_total") == "40")
    #expect(value("response_latency_ms_bucket", ["status_class": "2xx", "le": "1"]) == "0")
    #expect(value("response_latency_ms_bucket", ["status_class": "2xx", "le": "2"]) == "2")
    #expect(value("response_latency_ms_sum", ["status_class": "2xx"]) == "3.0")
    #expect(value("response_latency_ms_bucket", ["status_class": "5xx", "le": "50000"]) == "0")
    #expect(value("response_latency_ms_count", ["status_class": "5xx"]) == "1")
    let denied = ["direction": "inbound", "service": "unknown", "route": ""]
    #expect(read.value("weft_requests_ended_total", denied.merging(["reason": "denied"]) { $1 }) == "1")
    #expect(read.value("weft_request_series") == "2")
    #expect(read.value("weft_request_series_folded_total") == "0")
    let totals = read.samples.filter { $0.name == "response_total" }
    #expect(totals.count == 3, "an unanswered request is no response: \(totals)")
  }

  @Test("A call of gRPC is counted by what it came to, once, and the server's failures among these are failures")
  func calls() throws {
    let registry = RequestSeriesRegistry()
    let web = registry.number(direction: .outbound, service: "shop/web:80", route: "")
    let worker = RequestMetrics(Self.layout)
    for code in [0, 0, 5, 14] as [UInt8] {
      worker.ended(series: web, method: 1, status: 200, grpcCode: code, end: 0, latency_ns: 0)
    }
    worker.ended(series: web, method: 1, status: 200, end: 0, latency_ns: 0)
    // What no call can come to, and a call that was answered otherwise, count as any request.
    worker.ended(series: web, method: 1, status: 200, grpcCode: 17, end: 0, latency_ns: 0)
    worker.ended(series: web, method: 1, status: 503, grpcCode: 14, end: 0, latency_ns: 0)
    let read = try Self.scrape([worker], registry)
    let labels = ["direction": "outbound", "service": "shop/web:80", "route": "", "method": "POST"]
    func value(_ classification: String, _ status: String, _ code: String?) -> String? {
      let further = ["classification": classification, "status_class": status].merging(
        code.map { ["grpc_status": $0] } ?? [:]
      ) { $1 }
      return read.value("response_total", labels.merging(further) { $1 })
    }
    #expect(read.value("request_total", labels) == "7")
    #expect(value("success", "2xx", "0") == "2" && value("success", "2xx", "5") == "1")
    #expect(value("failure", "2xx", "14") == "1" && value("success", "2xx", nil) == "2")
    #expect(value("failure", "5xx", nil) == "1")
    let sums = try #require(RequestSums([worker], series: web))
    #expect(sums.requests == 7 && sums.successes == 5 && sums.failures == 2)
    #expect(
      read.value(
        "response_latency_ms_count",
        ["direction": "outbound", "service": "shop/web:80", "route": "", "status_class": "2xx"]
      ) == "6"
    )
  }

  @Test("A latency belongs to the bucket whose bound it does not exceed, to the nanosecond")
  func bounds() throws {
    let worker = RequestMetrics(Self.layout)
    for bound in RequestLayout.latencyBounds_ms {
      for latency_ns in [bound * 1_000_000, bound * 1_000_000 + 1] {
        worker.ended(series: 0, method: 0, status: 200, end: 0, latency_ns: latency_ns)
      }
    }
    let count = RequestLayout.latencyBounds_ms.count
    #expect(RequestSums([worker], series: 0)?.latencyBuckets == [1] + Array(repeating: 2, count: count - 1) + [1])
  }

  @Test("The numbers that the inlined code holds are those of the lists")
  func constants() {
    #expect(RequestMetrics.capacity == RequestSeriesRegistry.capacity)
    #expect(RequestMetrics.boundCount == RequestLayout.latencyBounds_ms.count)
    #expect(RequestMetrics.latencyCells == RequestLayout.latencyCells)
    #expect(Int(RequestMetrics.grpcCodes) == RequestLayout.grpcCodes)
  }

  @Test("What is out of range is not counted, and a status that is none counts as no answer")
  func outOfRange() {
    let worker = RequestMetrics(Self.layout)
    for series in [-1, RequestSeriesRegistry.capacity, .max, .min] {
      worker.ended(series: series, method: 0, status: 200, end: 0, latency_ns: 0)
    }
    for (method, end) in [(-1, 0), (2, 0), (0, -1), (0, 3)] {
      worker.ended(series: 0, method: method, status: 200, end: end, latency_ns: 0)
    }
    #expect(RequestSums([worker], series: 0) == nil)
    for status in [0, 99, 600, .max] as [UInt16] {
      worker.ended(series: 0, method: 0, status: status, end: 0, latency_ns: 0)
    }
    let sums = RequestSums([worker], series: 0)
    #expect(sums?.requests == 4 && sums?.successes == 0 && sums?.failures == 0)
  }

  @Test("A scrape keeps its bound, leaves out whole histograms, and says how many samples")
  func bounded() throws {
    let registry = RequestSeriesRegistry()
    let worker = RequestMetrics(Self.layout)
    for number in 0..<RequestSeriesRegistry.limit {
      let series = registry.number(direction: .inbound, service: "a/s\(number):80", route: "")
      worker.ended(series: series, method: 0, status: 200, end: 0, latency_ns: 0)
    }
    var text = PrometheusText()
    text.add([worker], registry)
    text.finish()
    let lines = text.text.split(separator: "\n")
    func count(_ words: String) -> Int { lines.filter { $0.hasPrefix(words) }.count }
    let samplesOfHistogram = RequestLayout.latencyBounds_ms.count + 3
    #expect(text.dropped > 0 && text.dropped % samplesOfHistogram == 0)
    #expect(lines.last == "weft_metrics_samples_left_out \(text.dropped)")
    #expect(lines.filter { !$0.hasPrefix("#") }.count <= PrometheusText.maximumSamples + 1)
    #expect(count("request_total{") == RequestSeriesRegistry.limit)
    let histograms = count("response_latency_ms_count{")
    #expect(histograms == RequestSeriesRegistry.limit - text.dropped / samplesOfHistogram)
    #expect(count("response_latency_ms_bucket{") == histograms * (samplesOfHistogram - 2))
  }

  @Test("A scrape from another thread while the worker meets new series never sees a counter go back")
  func concurrent() async {
    let worker = RequestMetrics(Self.layout)
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        for round in 0..<200_000 {
          worker.ended(series: round % 1_000, method: 0, status: 200, end: 0, latency_ns: 0)
        }
        return true
      }
      group.addTask {
        var last: UInt64 = 0
        for _ in 0..<300 {
          let count = RequestSums([worker], series: 999)?.requests ?? 0
          if count < last { return false }
          last = count
        }
        return true
      }
      for await result in group { #expect(result) }
    }
    #expect(RequestSums([worker], series: 999)?.requests == 200)
  }

  static func scrape(_ workers: [RequestMetrics], _ registry: RequestSeriesRegistry) throws -> ExpositionChecker {
    var text = PrometheusText()
    text.add(workers, registry)
    text.finish()
    return try ExpositionChecker(text.text)
  }
}
