import HTTP1
import MeshModel
@testable import ProxyPath
import Telemetry
import Testing

@Suite struct RequestPagesTests {
  @Test("The page of totals sums the workers, has every series that was met, and survives its JSON")
  func totals() throws {
    let registry = RequestSeriesRegistry()
    let web = registry.number(direction: .inbound, service: "shop/web:80", route: "shop/r/rule0")
    _ = registry.number(direction: .inbound, service: "shop/never:80", route: "")
    let workers = [WorkerCounters(), WorkerCounters()].map(\.requests)
    for (worker, status) in zip(workers, [200, 503] as [UInt16]) {
      worker.ended(
        series: web,
        method: Int(Method.get.rawValue),
        status: status,
        end: Int(RequestEnd.finished.rawValue),
        latency_ns: 1_500_000,
        retries: 1,
        received: 2,
        sent: 3
      )
    }
    workers[0].ended(
      series: web,
      method: Int(Method.other.rawValue),
      status: 0,
      end: Int(RequestEnd.clientGone.rawValue),
      latency_ns: 0
    )
    let totals = RequestTotals(workers, registry, startedAt_ms: 5, uptime_ms: 6)
    #expect(totals.startedAtMs == 5 && totals.uptimeMs == 6 && totals.folded == 0)
    #expect(totals.series.count == 1 && totals.boundsMs == RequestLayout.latencyBounds_ms)
    let series = try #require(totals.series.first)
    #expect(series.direction == .inbound && series.service == "shop/web:80" && series.route == "shop/r/rule0")
    #expect(series.requests == 3 && series.successes == 1 && series.failures == 1 && series.retries == 2)
    #expect(series.bytesReceived == 4 && series.bytesSent == 6)
    #expect(series.latencyBuckets == [0, 2] + [UInt64](repeating: 0, count: totals.boundsMs.count - 1))
    #expect(try AdminJSON.decode(RequestTotals.self, from: AdminJSON.encode(totals)) == totals)
  }
}
