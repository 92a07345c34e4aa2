/// A strict reading of Prometheus' text format 0.0.4, in the spirit of `promtool check metrics`.
struct ExpositionChecker {
  struct Sample: Hashable {
    var name: String
    var labels: [String: String]
    var value: String
  }

  struct Problem: Error, CustomStringConvertible {
    var description: String
  }

  var samples: [Sample] = []
  private var kinds: [String: String] = [:]
  private var helped: Set<String> = []
  private var seen: Set<String> = []
  private var current = ""

  init(_ text: String) throws {
    guard text.hasSuffix("\n") else { throw Problem(description: "the last line must end") }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() { try read(line) }
    try checkHistograms()
  }

  /// The value of a series; nil where it is not there.
  func value(_ name: String, _ labels: [String: String] = [:]) -> String? {
    samples.first { $0.name == name && $0.labels == labels }?.value
  }

  private mutating func read(_ line: Substring) throws {
    let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
    if line.hasPrefix("# HELP ") {
      current = String(words[2])
      guard helped.insert(current).inserted else { throw Problem(description: "second HELP for \(current)") }
    } else if line.hasPrefix("# TYPE ") {
      guard words[2] == current, kinds[current] == nil else { throw Problem(description: "TYPE out of place: \(line)") }
      kinds[current] = String(words[3])
    } else {
      try readSample(line)
    }
  }

  private mutating func readSample(_ line: Substring) throws {
    var rest = line
    let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
    rest = rest.dropFirst(name.count)
    var labels: [String: String] = [:]
    if rest.first == "{" {
      rest = rest.dropFirst()
      while rest.first != "}" {
        let label = rest.prefix { $0 != "=" }
        rest = rest.dropFirst(label.count)
        guard rest.hasPrefix("=\"") else { throw Problem(description: "label without a value: \(line)") }
        rest = rest.dropFirst(2)
        let value = try readValue(&rest, line)
        guard labels.updateValue(value, forKey: String(label)) == nil else {
          throw Problem(description: "label twice: \(line)")
        }
        if rest.first == "," { rest = rest.dropFirst() }
      }
      rest = rest.dropFirst()
    }
    guard rest.first == " " else { throw Problem(description: "no value: \(line)") }
    let value = String(rest.dropFirst())
    guard Double(value) != nil || ["+Inf", "-Inf", "NaN"].contains(value) else {
      throw Problem(description: "not a number: \(line)")
    }
    guard seen.insert(String(line.dropLast(value.count))).inserted else { throw Problem(description: "twice: \(line)") }
    try checkFamily(String(name))
    samples.append(Sample(name: String(name), labels: labels, value: value))
  }

  private func readValue(_ rest: inout Substring, _ line: Substring) throws -> String {
    var value = ""
    while let character = rest.popFirst() {
      if character == "\"" { return value }
      guard character == "\\" else {
        value.append(character)
        continue
      }
      switch rest.popFirst() {
      case "n": value.append("\n")
      case "\\": value.append("\\")
      case "\"": value.append("\"")
      default: throw Problem(description: "bad escape: \(line)")
      }
    }
    throw Problem(description: "unending label: \(line)")
  }

  private func checkFamily(_ name: String) throws {
    guard let kind = kinds[current] else { throw Problem(description: "\(name) has no TYPE") }
    let endings = kind == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
    guard endings.contains(where: { current + $0 == name }) else {
      throw Problem(description: "\(name) stands under \(current)")
    }
    if kind == "counter", !name.hasSuffix("_total") {
      throw Problem(description: "\(name) is a counter without _total")
    }
  }

  private func checkHistograms() throws {
    for (family, kind) in kinds where kind == "histogram" {
      let buckets = Dictionary(grouping: samples.filter { $0.name == family + "_bucket" }) { sample in
        sample.labels.filter { $0.key != "le" }
      }
      for (labels, series) in buckets {
        let counts = series.compactMap { UInt64($0.value) }
        guard counts == counts.sorted(), series.last?.labels["le"] == "+Inf",
          series.last?.value == value(family + "_count", labels), value(family + "_sum", labels) != nil
        else { throw Problem(description: "\(family)\(labels) is not cumulative or ends wrong") }
      }
    }
  }
}
