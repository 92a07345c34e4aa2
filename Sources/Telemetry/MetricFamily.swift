/// A metric with all of its series, and where their cells lie in a worker's bank.
struct MetricFamily: Sendable {
  enum Kind: Sendable {
    case counter
    case histogram(Histogram)
  }

  let name: String
  let help: String
  let kind: Kind
  /// The labels of each series, in the order of the cells.
  let series: [[MetricLabel]]
  let base: Int

  /// Cells that one series takes.
  var cellsPerSeries: Int {
    if case .histogram(let histogram) = kind { return histogram.cells }
    return 1
  }
}

/// A label and its value, such as direction="inbound".
public struct MetricLabel: Hashable, Sendable {
  /// Letters, digits and underscores.
  public let name: String
  /// Any text; the renderer escapes and bounds it.
  public let value: String

  /// A label and its value.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}
