import Telemetry
import Testing

@Suite struct PrometheusTextTests {
  @Test("Backslash, quote and newline in a label are escaped and read back")
  func escaping() throws {
    var text = PrometheusText()
    text.family("a", .gauge, "Two\nlines, a \\ and a \"quote\".")
    text.sample("a", 1, [MetricLabel("name", "x\"} 1\na 2\\")])
    #expect(
      text.text
        == "# HELP a Two\\nlines, a \\\\ and a \"quote\".\n# TYPE a gauge\na{name=\"x\\\"} 1\\na 2\\\\\"} 1\n"
    )
    #expect(try ExpositionChecker(text.text).value("a", ["name": "x\"} 1\na 2\\"]) == "1")
  }

  @Test("A label value has 128 bytes at most and is cut between characters")
  func longLabel() throws {
    var text = PrometheusText()
    text.family("a", .gauge, "A.")
    text.sample("a", 1, [MetricLabel("name", String(repeating: "é", count: 100))])
    #expect(try ExpositionChecker(text.text).samples.first?.labels["name"] == String(repeating: "é", count: 64) + "…")
  }

  @Test("Samples beyond the bound are left out and counted")
  func bounded() throws {
    var text = PrometheusText()
    text.family("a", .gauge, "A.")
    for number in 0..<(PrometheusText.maximumSamples + 3) { text.sample("a", number, [MetricLabel("n", "\(number)")]) }
    #expect(text.dropped == 3)
    #expect(text.text.split(separator: "\n").count == PrometheusText.maximumSamples + 2)
  }

  @Test("Fractions, infinities and NaN are written as Prometheus reads them")
  func numbers() throws {
    var text = PrometheusText()
    text.family("a", .gauge, "A.")
    for (name, value) in [("f", 0.25), ("s", 1e-7), ("i", Double.infinity), ("m", -Double.infinity), ("n", Double.nan)]
    {
      text.sample("a", value, [MetricLabel("case", name)])
    }
    let read = try ExpositionChecker(text.text)
    #expect(
      ["f", "s", "i", "m", "n"].map { read.value("a", ["case": $0]) } == ["0.25", "1e-07", "+Inf", "-Inf", "NaN"]
    )
  }

  @Test("The whole page of a proxy is valid and holds the standard process metrics")
  func page() throws {
    var text = PrometheusText()
    text.add([WorkerMetrics(WorkerMetricsTests.layout)])
    var proxy = ProxyFigures()
    proxy.version = "0.1.0"
    proxy.journalRateLimited = 4
    text.add(proxy)
    text.add(
      ProcessFigures(
        startTime_s: 1_700_000_000.5,
        cpu_s: 0.02,
        openDescriptors: 12,
        maximumDescriptors: 20_000,
        resident_bytes: 8_000_000,
        virtual_bytes: 90_000_000
      )
    )
    let read = try ExpositionChecker(text.text)
    #expect(read.value("weft_build_info", ["version": "0.1.0"]) == "1")
    #expect(read.value("weft_journal_entries_total", ["outcome": "rate-limited"]) == "4")
    #expect(read.value("process_open_fds") == "12")
    #expect(read.value("process_start_time_seconds") == "1700000000.5")
  }
}
