import MeshModel

/// Rates of requests as people read them, a line for each series.
struct TopTable {
  let rates: [RequestRates]
  /// Lines that fit; nil for all.
  var maxRows: Int?

  func text(_ style: Style) -> String {
    let showsProxy = rates.count > 1
    let rows = rates.flatMap { of in of.series.map { (rates: of, series: $0) } }
      .sorted { $0.series.perSecond > $1.series.perSecond }
    guard !rows.isEmpty else { return "no request ended\n" }
    let shown = rows.prefix(maxRows ?? rows.count)
    var table = TextTable((showsProxy ? ["PROXY"] : []) + Self.headings)
    for row in shown { table.add((showsProxy ? [row.rates.proxy] : []) + Self.cells(row.series, row.rates)) }
    let rest = rows.count - shown.count
    return table.text(style) + (rest > 0 ? "and \(rest) more; -o json lists all\n" : "")
  }

  private static let headings = ["DIRECTION", "SERVICE", "ROUTE", "RPS", "SUCCESS", "P50", "P95", "P99"]

  private static func cells(_ series: RequestRate, _ rates: RequestRates) -> [String] {
    [
      series.direction.rawValue, series.service, series.route, tenths(series.perSecond),
      series.successRate.map { percent($0) } ?? "",
      latency(series.p50Ms, rates), latency(series.p95Ms, rates), latency(series.p99Ms, rates),
    ]
  }

  private static func latency(_ value_ms: Double?, _ rates: RequestRates) -> String {
    guard let value_ms else { return "" }
    if value_ms >= Double(rates.lastBoundMs) { return ">\(rates.lastBoundMs / 1000)s" }
    return value_ms < 1000 ? "\(tenths(value_ms))ms" : "\(tenths(value_ms / 1000))s"
  }

  /// Rounded down to a hundredth, so that 100 % means that nothing failed.
  private static func percent(_ part: Double) -> String {
    let hundredths = Int((part * 10_000).rounded(.down))
    return hundredths == 10_000 ? "100%" : "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)%"
  }

  private static func tenths(_ value: Double) -> String {
    let tenths = Int(clamping: Int64((value * 10).rounded()))
    return "\(tenths / 10).\(tenths % 10)"
  }
}
