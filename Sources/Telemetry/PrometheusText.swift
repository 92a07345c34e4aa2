/// Metrics in Prometheus' text format 0.0.4 (prometheus.io, "Exposition formats"), built line by line.
///
/// Serve it as `Content-Type: text/plain; version=0.0.4; charset=utf-8`.
public struct PrometheusText: Sendable {
  /// The Content-Type that goes with the text.
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"
  /// Samples of one scrape: several times what a proxy has, and far below what hurts a Prometheus server.
  public static let maximumSamples = 20_000
  /// Bytes of one label value; longer ones are cut, for they are text that went astray.
  public static let maximumLabelBytes = 128

  /// The type of a metric.
  public enum Kind: String, Sendable {
    case counter, gauge, histogram
  }

  /// The text so far.
  public private(set) var text = ""
  /// Samples left out for the bound.
  public private(set) var dropped = 0
  private var samples = 0

  /// An empty text.
  public init() { text.reserveCapacity(32 * 1024) }

  /// Begins a metric; its samples follow. A name may be begun once.
  public mutating func family(_ name: String, _ kind: Kind, _ help: String) {
    text += "# HELP \(name) "
    append(escaped: help, quotes: false)
    text += "\n# TYPE \(name) \(kind.rawValue)\n"
  }

  /// Adds a sample with a whole number.
  public mutating func sample(_ name: String, _ value: some BinaryInteger, _ labels: [MetricLabel] = []) {
    guard open(name, labels) else { return }
    text += "\(value)\n"
  }

  /// Adds a sample with a fraction.
  public mutating func sample(_ name: String, _ value: Double, _ labels: [MetricLabel] = []) {
    guard open(name, labels) else { return }
    text += value.isNaN ? "NaN\n" : value.isInfinite ? (value < 0 ? "-Inf\n" : "+Inf\n") : "\(value)\n"
  }

  /// Whether so many samples more fit; where not, they count as left out.
  mutating func hasRoom(for count: Int) -> Bool {
    if samples + count <= Self.maximumSamples { return true }
    dropped += count
    return false
  }

  /// Ends the text: tells how many samples the bound left out, 0 included, so that an alert can watch it.
  public mutating func finish() {
    let name = "weft_metrics_samples_left_out"
    family(name, .gauge, "Samples that this scrape has no room for; the newest series of requests lose theirs first.")
    text += "\(name) \(dropped)\n"
  }

  private mutating func open(_ name: String, _ labels: [MetricLabel]) -> Bool {
    guard hasRoom(for: 1) else { return false }
    samples += 1
    text += name
    for (index, label) in labels.enumerated() {
      text += index == 0 ? "{" : ","
      text += label.name
      text += "=\""
      append(escaped: Self.bounded(label.value), quotes: true)
      text += "\""
    }
    text += labels.isEmpty ? " " : "} "
    return true
  }

  private mutating func append(escaped value: String, quotes: Bool) {
    // Nearly all values need no escape, and a scrape may hold a hundred thousand of them.
    let isPlain = value.utf8.allSatisfy {
      $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\"")
    }
    if isPlain {
      text += value
      return
    }
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\"" where quotes: text += "\\\""
      default: text.unicodeScalars.append(scalar)
      }
    }
  }

  private static func bounded(_ value: String) -> String {
    guard value.utf8.count > maximumLabelBytes else { return value }
    var kept = String.UnicodeScalarView()
    var bytes = 0
    for scalar in value.unicodeScalars {
      bytes += UTF8.width(scalar)
      if bytes > maximumLabelBytes { break }
      kept.append(scalar)
    }
    return String(kept) + "…"
  }
}
