internal import MeshModel

extension Field {
  /// A duration as Gateway API writes it (GEP-2257): one to four numbers of at most five digits, each with its unit,
  /// such as `10s`, `1m30s` or `500ms`. In milliseconds, at most a day.
  func milliseconds() -> UInt32? {
    if let plain, PlainScalar.kind(plain) == .number {
      error("\(plain) has no unit; wanted is a duration such as 10s, 1m30s or 500ms")
      return nil
    }
    guard let text = text() else { return nil }
    guard let time_ms = DurationText.milliseconds(text) else {
      error("\"\(text)\" is not a duration such as 10s, 1m30s or 500ms")
      return nil
    }
    guard time_ms <= SnapshotLimits.maxTime_ms else {
      error("\(text) is longer than a day")
      return nil
    }
    return UInt32(time_ms)
  }
}

/// Durations as Gateway API writes them.
public enum DurationText {
  private static let units: [(name: String, time_ms: UInt64)] = [
    ("ms", 1), ("h", 3_600_000), ("m", 60_000), ("s", 1_000),
  ]

  /// Milliseconds of a text such as `10s`, `1m30s` or `500ms`; nil for what is none.
  public static func milliseconds(_ text: String) -> UInt64? {
    var rest = Substring(text)
    var sum: UInt64 = 0
    for _ in 0..<4 where !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(digits.count)
      guard digits.count <= 5, let number = UInt64(digits),
        let unit = units.first(where: { rest.hasPrefix($0.name) })
      else { return nil }
      rest = rest.dropFirst(unit.name.count)
      sum += number * unit.time_ms
    }
    return rest.isEmpty && !text.isEmpty ? sum : nil
  }
}
