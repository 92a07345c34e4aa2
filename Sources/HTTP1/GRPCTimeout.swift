/// The time that a client gives a call of gRPC: the field `grpc-timeout` (gRPC over HTTP/2, "Requests").
public struct GRPCTimeout: Hashable, Sendable, BitwiseCopyable {
  /// Nanoseconds.
  public let nanoseconds: UInt64

  /// A time of so many nanoseconds.
  public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  /// Digits of a number at most.
  private static let digits = 8

  /// Reads a field's value: one to eight digits and a unit, which is `H`, `M`, `S`, `m`, `u` or `n`. Nil for all else, and for
  /// no time at all: the number is to be positive. Eight digits of hours are some 11,000 years, and fit.
  public init?(_ value: UnsafeRawBufferPointer) {
    guard (2...Self.digits + 1).contains(value.count), let last = value.last, let unit_ns = Self.unit_ns(last) else {
      return nil
    }
    var number: UInt64 = 0
    for byte in value.dropLast() {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      number = number * 10 + UInt64(byte - UInt8(ascii: "0"))
    }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit_ns)
    guard number > 0 else { return nil }
    nanoseconds = overflow ? .max : product
  }

  private static func unit_ns(_ unit: UInt8) -> UInt64? {
    switch unit {
    case UInt8(ascii: "H"): 3_600_000_000_000
    case UInt8(ascii: "M"): 60_000_000_000
    case UInt8(ascii: "S"): 1_000_000_000
    case UInt8(ascii: "m"): 1_000_000
    case UInt8(ascii: "u"): 1_000
    case UInt8(ascii: "n"): 1
    default: nil
    }
  }

  /// The number and unit that say it as exactly as eight digits can: rounded down, but never to nothing, which would be no
  /// timeout at all.
  public var number: (count: UInt64, unit: UInt8) {
    let units = [UInt8(ascii: "n"), UInt8(ascii: "u"), UInt8(ascii: "m"), UInt8(ascii: "S"), UInt8(ascii: "M")]
    for unit in units {
      guard let unit_ns = Self.unit_ns(unit), nanoseconds / unit_ns <= Self.largest else { continue }
      return (max(1, nanoseconds / unit_ns), unit)
    }
    return (min(Self.largest, nanoseconds / 3_600_000_000_000), UInt8(ascii: "H"))
  }

  private static let largest: UInt64 = 99_999_999
}

extension GRPCTimeout {
  private static let line: StaticString = "\r\ngrpc-timeout: "

  /// Writes this time in place of the one that a composed head says, in the same unit and with as many digits: what is left
  /// of a time is never more than it was. `message` begins with the head, and stays as it is where that says no time.
  public func replace(in message: UnsafeMutableRawBufferPointer) {
    let bytes = UnsafeRawBufferPointer(message)
    guard let start = Self.valueStart(in: bytes) else { return }
    let digits = bytes[start...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
    guard digits > 0, start + digits < bytes.count, let unit_ns = Self.unit_ns(bytes[start + digits]) else { return }
    var rest = max(1, nanoseconds / unit_ns)
    for place in (start..<start + digits).reversed() {
      message[place] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
  }

  private static func valueStart(in bytes: UnsafeRawBufferPointer) -> Int? {
    line.withUTF8Buffer { line in
      var at = 0
      while at + line.count <= bytes.count {
        if bytes[at] == line[0] {
          // The head's end: what follows is the client's.
          if at + 4 <= bytes.count, bytes[at + 2] == line[0], bytes[at + 1] == line[1] { return nil }
          if bytes[at..<at + line.count].elementsEqual(line) { return at + line.count }
        }
        at += 1
      }
      return nil
    }
  }
}

extension HeadWriter {
  /// Writes the whole line.
  public mutating func put(_ timeout: GRPCTimeout) {
    let (count, unit) = timeout.number
    put("grpc-timeout: ")
    put(decimal: count)
    put(unit)
    put("\r\n")
  }
}
