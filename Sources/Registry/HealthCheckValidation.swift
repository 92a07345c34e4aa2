internal import MeshModel

extension HealthCheck {
  /// Fails on the first field that is wrong; `place` is the check's own.
  func validate(_ place: String) throws(RegistrationError) {
    if !name.isEmpty, !LabelSyntax.isDNSLabel(name) {
      throw RegistrationError(
        "\(place).name",
        "\"\(name)\" is not a DNS label: up to 63 lower-case letters, digits and -"
      )
    }
    try Self.range(interval_ms, CheckTiming.shortest_ms, CheckTiming.longest_ms, "\(place).interval")
    try Self.range(timeout_ms, CheckTiming.shortest_ms, CheckTiming.longest_ms, "\(place).timeout")
    guard timeout_ms <= interval_ms else {
      throw RegistrationError("\(place).timeout", "\(timeout_ms) ms is longer than the interval of \(interval_ms) ms")
    }
    for (count, field) in [(passes, "passes"), (failures, "failures")] {
      guard (1...CheckTiming.maxThreshold).contains(count) else {
        throw RegistrationError("\(place).\(field)", "\(count) is not from 1 to \(CheckTiming.maxThreshold)")
      }
    }
    switch kind {
    case .tcp: break
    case .http(let http): try http.validate("\(place).http")
    case .grpc(_, let service): try Self.text(service, "\(place).grpc.service")
    case .script(let words): try Self.script(words, "\(place).script")
    case .ttl(let ttl_ms): try Self.range(ttl_ms, CheckTiming.shortest_ms, CheckTiming.longest_ms, "\(place).ttl")
    }
  }

  private static func script(_ words: [String], _ place: String) throws(RegistrationError) {
    guard let program = words.first, !program.isEmpty else {
      throw RegistrationError(place, "is empty; wanted is a program and its arguments")
    }
    guard program.hasPrefix("/") else {
      throw RegistrationError("\(place)[0]", "\"\(program)\" is not an absolute path; no shell or PATH is used")
    }
    guard words.count <= RegistryLimit.scriptWords, words.reduce(0, { $0 + $1.utf8.count }) <= RegistryLimit.scriptBytes
    else {
      throw RegistrationError(
        place,
        "is more than the \(RegistryLimit.scriptWords) words or \(RegistryLimit.scriptBytes) bytes allowed"
      )
    }
    for (index, word) in words.enumerated() where word.utf8.contains(0) {
      throw RegistrationError("\(place)[\(index)]", "holds a NUL")
    }
  }

  fileprivate static func text(_ text: String, _ place: String) throws(RegistrationError) {
    guard text.utf8.count <= RegistryLimit.checkTextBytes else {
      throw RegistrationError(place, "is longer than the \(RegistryLimit.checkTextBytes) bytes allowed")
    }
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw RegistrationError(place, "holds a space, a control character or a letter that is not ASCII")
    }
  }

  private static func range(_ time_ms: UInt32, _ least: UInt32, _ most: UInt32, _ place: String)
    throws(RegistrationError)
  {
    guard (least...most).contains(time_ms) else {
      throw RegistrationError(place, "\(time_ms) ms is not from \(least) ms to \(most) ms")
    }
  }
}

extension HealthCheck.HTTP {
  fileprivate func validate(_ place: String) throws(RegistrationError) {
    guard path.hasPrefix("/") else { throw RegistrationError("\(place).path", "\"\(path)\" does not start with \"/\"") }
    try HealthCheck.text(path, "\(place).path")
    try HealthCheck.text(host, "\(place).host")
    guard !statuses.isEmpty, statuses.count <= RegistryLimit.statusRanges else {
      throw RegistrationError(
        "\(place).statuses",
        "\(statuses.count) ranges are not from 1 to \(RegistryLimit.statusRanges)"
      )
    }
    for (index, range) in statuses.enumerated() where range.lowerBound < 100 || range.upperBound > 599 {
      throw RegistrationError(
        "\(place).statuses[\(index)]",
        "\(range.lowerBound)-\(range.upperBound) is not from 100 to 599"
      )
    }
  }
}
