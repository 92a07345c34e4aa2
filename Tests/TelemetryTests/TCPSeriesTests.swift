import MeshModel
import Testing

@testable import Telemetry

@Suite("Connections by service")
struct TCPSeriesTests {
  private static let layout = WorkerLayout(reasons: ["finished"], protocols: ["opaque"])
  private static let mail = TCPSeries.Service(namespace: "shop", name: "mail", port: 25)

  private func scrape(_ workers: [WorkerMetrics], _ registry: TCPSeriesRegistry) throws -> ExpositionChecker {
    var text = PrometheusText()
    text.add(workers, registry)
    #expect(text.dropped == 0)
    return try ExpositionChecker(text.text)
  }

  @Test("are counted once, under Linkerd's labels, and summed over workers")
  func counted() throws {
    let registry = TCPSeriesRegistry()
    let near = registry.number(TCPSeries(.outbound, .source, .loopback, Self.mail))
    let far = registry.number(TCPSeries(.outbound, .destination, .mutual, Self.mail))
    #expect(registry.number(TCPSeries(.outbound, .destination, .mutual, Self.mail)) == far && near != far)
    let workers = [WorkerMetrics(Self.layout), WorkerMetrics(Self.layout)]
    for worker in workers {
      worker.opened(.outbound, .source, series: near)
      worker.opened(.outbound, .destination, series: far)
      worker.wrote(5, .outbound, to: .destination, series: far)
    }
    workers[1].closed(.outbound, .destination, series: far, code: 104, duration_ms: 7)
    let read = try scrape(workers, registry)
    let service = ["dst_service": "mail", "dst_namespace": "shop", "dst_port": "25"]
    let source = service.merging([
      "direction": "outbound", "peer": "src", "tls": "no_identity", "no_tls_reason": "loopback",
    ]) { $1 }
    let destination = service.merging(["direction": "outbound", "peer": "dst", "tls": "true"]) { $1 }
    #expect(read.value("tcp_open_total", source) == "2" && read.value("tcp_open_connections", source) == "2")
    #expect(read.value("tcp_open_total", destination) == "2" && read.value("tcp_open_connections", destination) == "1")
    #expect(read.value("tcp_write_bytes_total", destination) == "10")
    #expect(read.value("tcp_close_total", destination.merging(["errno": "ECONNRESET"]) { $1 }) == "1")
    let orderly = destination.merging(["errno": ""]) { $1 }
    #expect(read.value("tcp_close_total", orderly) == nil, "what never was costs nothing")
    #expect(read.value("tcp_connection_duration_ms_sum", destination) == "7")
    #expect(read.value("tcp_connection_duration_ms_bucket", destination.merging(["le": "10"]) { $1 }) == "1")
    #expect(read.value("tcp_open_total", ["direction": "outbound", "peer": "dst"]) == "0", "not counted twice")
    #expect(read.value("weft_tcp_series") == "2")
  }

  @Test("share the series of their direction and end where no number is left, which is counted, and a scrape has room")
  func folded() throws {
    let registry = TCPSeriesRegistry()
    let worker = WorkerMetrics(Self.layout)
    for port in 0..<UInt16(TCPSeriesRegistry.limit + 3) {
      let service = TCPSeries.Service(namespace: "shop", name: "web", port: port)
      let number = registry.number(TCPSeries(.inbound, .source, .notOffered, service))
      #expect((number == TCPSeriesRegistry.general) == (port >= TCPSeriesRegistry.limit))
      worker.opened(.inbound, .source, series: number)
      worker.closed(.inbound, .source, series: number, code: 0, duration_ms: 1)
    }
    let read = try scrape([worker], registry)
    #expect(read.value("tcp_open_total", ["direction": "inbound", "peer": "src"]) == "3")
    #expect(read.value("weft_tcp_series_folded_total") == "3")
    #expect(read.value("weft_tcp_series") == "\(TCPSeriesRegistry.limit)")
    worker.opened(.inbound, .source, series: .max)
    let again = try scrape([worker], registry)
    let general = ["direction": "inbound", "peer": "src"]
    #expect(again.value("tcp_open_total", general) == "4", "it is no number of the registry's")
  }

  @Test("say what they are secured by in Linkerd's words, and no service where none is known")
  func security() {
    let labels = TCPSecurity.allCases.map { security in
      TCPSeries(.inbound, .source, security, nil).labels.dropFirst(2).map { "\($0.name)=\($0.value)" }
    }
    #expect(
      labels == [
        ["tls=true"], ["tls=server_tls"], ["tls=no_identity", "no_tls_reason=loopback"],
        ["tls=no_identity", "no_tls_reason=no_tls_from_remote"],
        ["tls=no_identity", "no_tls_reason=not_provided_by_service_discovery"],
      ]
    )
  }
}
