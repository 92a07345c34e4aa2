internal import ArgumentParser

/// Numbers of the command line; what is thrown says what would be right.
enum NumberOption {
  @Sendable static func port(_ text: String) throws -> UInt16 { try number(text, in: 1...UInt16.max, "a port") }

  @Sendable static func portOrNone(_ text: String) throws -> UInt16 {
    try number(text, in: 0...UInt16.max, "a port, or 0 for none,")
  }

  /// A week is longer than any connection should wait, and far from overflow in the wheel's ticks.
  @Sendable static func seconds(_ text: String) throws -> UInt32 {
    try number(text, in: 1...604_800, "whole seconds")
  }

  /// More loops than the worker's number in a connection id can tell apart would be as wrong as none.
  @Sendable static func workers(_ text: String) throws -> Int { try number(text, in: 1...64, "a count") }

  static func number<Number: FixedWidthInteger>(
    _ text: String,
    in range: ClosedRange<Number>,
    _ what: String
  ) throws -> Number {
    guard let number = Number(text), range.contains(number) else {
      throw ValidationError("\(what) from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }
}
