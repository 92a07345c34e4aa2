import MeshModel
import Telemetry
import Testing

@Suite struct WorkerMetricsTests {
  static let layout = WorkerLayout(reasons: ["finished", "denied"], protocols: ["tls", "opaque"])

  @Test("What workers count is summed, and each count lands in its own series")
  func merged() throws {
    let workers = [WorkerMetrics(Self.layout), WorkerMetrics(Self.layout)]
    for worker in workers {
      worker.opened(.outbound, .source)
      worker.read(100, .outbound, from: .source)
      worker.wrote(7, .inbound, to: .destination)
    }
    workers[0].opened(.inbound, .destination)
    workers[0].closed(.outbound, .source, code: 104, duration_ms: 3)
    workers[0].decided(.inbound, allowed: false)
    workers[1].decided(.inbound, allowed: true)
    workers[1].detected(.outbound, protocol: 1)
    workers[1].ended(.outbound, reason: 0)
    workers[1].connectFailed(.outbound, code: 111)
    workers[1].connected(.outbound, after_ms: 4_000_000)
    workers[1].loopRefused(.inbound)
    workers[0].acceptPaused()
    workers[1].peerCrowded()
    let read = try Self.scrape(workers)
    let source = ["direction": "outbound", "peer": "src"]
    #expect(read.value("tcp_open_total", source) == "2")
    #expect(read.value("tcp_open_connections", source) == "1")
    #expect(read.value("tcp_open_total", ["direction": "inbound", "peer": "dst"]) == "1")
    #expect(read.value("tcp_close_total", source.merging(["errno": "ECONNRESET"]) { $1 }) == "1")
    #expect(read.value("tcp_read_bytes_total", source) == "200")
    #expect(read.value("tcp_write_bytes_total", ["direction": "inbound", "peer": "dst"]) == "14")
    #expect(read.value("tcp_connection_duration_ms_bucket", source.merging(["le": "2"]) { $1 }) == "0")
    #expect(read.value("tcp_connection_duration_ms_bucket", source.merging(["le": "5"]) { $1 }) == "1")
    #expect(read.value("tcp_connection_duration_ms_sum", source) == "3")
    #expect(read.value("weft_verdicts_total", ["direction": "inbound", "decision": "deny"]) == "1")
    #expect(read.value("weft_verdicts_total", ["direction": "inbound", "decision": "allow"]) == "1")
    #expect(read.value("weft_detected_total", ["direction": "outbound", "protocol": "opaque"]) == "1")
    #expect(read.value("weft_connections_ended_total", ["direction": "outbound", "reason": "finished"]) == "1")
    #expect(read.value("weft_connect_failures_total", ["direction": "outbound", "errno": "ECONNREFUSED"]) == "1")
    #expect(read.value("weft_connect_duration_ms_bucket", ["direction": "outbound", "le": "3600000"]) == "0")
    #expect(read.value("weft_connect_duration_ms_bucket", ["direction": "outbound", "le": "+Inf"]) == "1")
    #expect(read.value("weft_loops_refused_total", ["direction": "inbound"]) == "1")
    #expect(read.value("weft_accept_pauses_total") == "1")
    #expect(read.value("weft_peer_share_refusals_total") == "1")
    let counted = read.samples.filter { $0.value != "0" && !$0.name.contains("duration") }
    #expect(counted.count == 15, "\(counted)")
  }

  @Test("An errno that nobody expects is counted as OTHER, so peers cannot add series")
  func otherErrno() throws {
    let worker = WorkerMetrics(Self.layout)
    let before = try Self.scrape([worker]).samples.count
    for code in Int32(-5)...200 { worker.closed(.inbound, .source, code: code, duration_ms: 0) }
    worker.detected(.inbound, protocol: 99)
    worker.ended(.inbound, reason: -1)
    let read = try Self.scrape([worker])
    #expect(read.samples.count == before)
    let labels = ["direction": "inbound", "peer": "src"]
    #expect(read.value("tcp_close_total", labels.merging(["errno": "OTHER"]) { $1 }) == "192")
    #expect(read.value("tcp_close_total", labels.merging(["errno": ""]) { $1 }) == "1")
  }

  @Test("A bound belongs to its own bucket")
  func bounds() throws {
    let bank = CounterBank(count: 4)
    let histogram = Histogram(bounds: [10, 20])
    for value in [0, 10, 11, 20, 21, 5_000] as [UInt64] { histogram.record(value, in: bank, at: 0) }
    #expect((0..<4).map { bank.value(at: $0) } == [2, 2, 2, 5_062])
  }

  @Test("A scrape from other threads while the worker counts never sees a counter go back, nor a torn one")
  func concurrent() async {
    let worker = WorkerMetrics(Self.layout)
    let rounds: UInt64 = 200_000
    let step: UInt64 = 0x1_0000_0001
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        for _ in 0..<rounds { worker.read(step, .inbound, from: .source) }
        return true
      }
      group.addTask {
        var last: UInt64 = 0
        for _ in 0..<200 {
          var text = PrometheusText()
          text.add([worker])
          let line = text.text.split(separator: "\n").first {
            $0.hasPrefix("tcp_read_bytes_total{direction=\"inbound\",peer=\"src\"}")
          }
          let value = line.flatMap { $0.split(separator: " ").last }.flatMap { UInt64($0) } ?? .max
          if value < last || value % step != 0 { return false }
          last = value
        }
        return true
      }
      for await result in group { #expect(result) }
    }
  }

  static func scrape(_ workers: [WorkerMetrics]) throws -> ExpositionChecker {
    var text = PrometheusText()
    text.add(workers)
    return try ExpositionChecker(text.text)
  }
}
