/// `GET /v1/tap` with its filter, as a request target.
extension AdminRequest {
  /// Requests told in one reply where no limit is asked for, and the most there can be: all that a proxy keeps.
  public static let defaultTapLimit = 256, maxTapLimit = 1_024
  /// Bytes of one value of a filter; nothing that a proxy keeps of a request is longer.
  static let maxFilterBytes = 256

  static func tapTarget(_ after: UInt64?, _ limit: Int, _ filter: TapFilter) -> String {
    var pairs: [(String, String)] = []
    if let after { pairs.append(("after", "\(after)")) }
    pairs.append(("limit", "\(limit)"))
    for (name, value) in [
      ("method", filter.method), ("path", filter.path), ("authority", filter.authority),
      ("status", filter.status?.description), ("service", filter.service), ("source", filter.source?.description),
      ("direction", filter.direction?.rawValue), ("only", filter.isOnlyErrors ? "errors" : nil),
    ] {
      if let value { pairs.append((name, PercentEncoding.encode(value))) }
    }
    return "/v1/tap?" + pairs.map { "\($0)=\($1)" }.joined(separator: "&")
  }

  static func tap(_ query: [String: String]) throws(AdminError) -> AdminRequest {
    var limit = defaultTapLimit
    var after: UInt64?
    var filter = TapFilter()
    for (name, encoded) in query.sorted(by: { $0.key < $1.key }) {
      guard let text = PercentEncoding.decode(encoded), text.utf8.count <= maxFilterBytes else {
        throw AdminError("\(name) \"\(encoded)\" is not percent-encoded UTF-8 of at most \(maxFilterBytes) bytes")
      }
      switch name {
      case "after": after = try number(name, text, 0...UInt64.max)
      case "limit": limit = Int(try number(name, text, 1...UInt64(maxTapLimit)))
      case "method": filter.method = text
      case "path": filter.path = text
      case "authority": filter.authority = text
      case "service": filter.service = text
      case "status": filter.status = try read(TapFilter.Status(text), name, text, "404, 4xx or none")
      case "source": filter.source = try read(IPAddress(text), name, text, "an address such as 192.0.2.1")
      case "direction": filter.direction = try read(Direction(rawValue: text), name, text, "inbound or outbound")
      case "only": filter.isOnlyErrors = try read(text == "errors" ? true : nil, name, text, "errors")
      default:
        throw AdminError(
          "there is no filter \(name); there are method, path, authority, status, service, source, direction and only"
        )
      }
    }
    return .tap(after: after, limit: limit, filter)
  }

  private static func number(
    _ name: String,
    _ text: String,
    _ range: ClosedRange<UInt64>
  ) throws(AdminError) -> UInt64 {
    guard let number = UInt64(text), range.contains(number) else {
      throw AdminError("\(name) \"\(text)\" is not a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  private static func read<Value>(
    _ value: Value?,
    _ name: String,
    _ text: String,
    _ wanted: String
  ) throws(AdminError) -> Value {
    guard let value else { throw AdminError("\(name) \"\(text)\" is not \(wanted)") }
    return value
  }
}

/// Percent-encoding (RFC 3986 section 2.1) of a query's values.
enum PercentEncoding {
  /// Everything but what can stand for itself anywhere in a query.
  static func encode(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "/"),
        UInt8(ascii: ":"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        result += byte < 16 ? "%0" : "%"
        result += String(byte, radix: 16, uppercase: true)
      }
    }
    return result
  }

  /// Nil where an escape is not two hexadecimal digits, or the bytes are not UTF-8.
  static func decode(_ text: String) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
      bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8(truncatingIfNeeded: $0) }
  }
}
