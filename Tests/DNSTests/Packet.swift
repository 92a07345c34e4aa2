import DNS
import MeshModel

/// The bytes of hexadecimal digits; spaces pass.
func packet(_ hex: String) -> [UInt8] {
  let digits = hex.filter { !$0.isWhitespace }.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

extension Message {
  /// What it says, a line for each part, much as `dig` prints it.
  var lines: [String] {
    var flags: [String] = []
    for (isSet, name) in [
      (header.isResponse, "qr"), (header.isAuthoritative, "aa"), (header.isTruncated, "tc"),
      (header.isRecursionDesired, "rd"), (header.isRecursionAvailable, "ra"), (header.isAuthenticData, "ad"),
      (header.isCheckingDisabled, "cd"),
    ] where isSet { flags.append(name) }
    var lines = ["\(responseCode) \(flags.joined(separator: " "))"]
    if let edns {
      let error = edns.options.compactMap { ExtendedError($0) }.first
      lines.append(
        "EDNS \(edns.udpBytes)\(edns.wantsSignatures ? " do" : "") options \(edns.options.map(\.code))"
          + (error.map { " error \($0.code) \($0.text)" } ?? "")
      )
    }
    lines += questions.map { "? \($0.name) \($0.recordClass.rawValue) \($0.type)" }
    for (mark, records) in [("=", answers), ("^", authorities), ("+", additionals)] {
      lines += records.map { "\(mark) \($0.name) \($0.ttl_s) \($0.data.type) \($0.data.text)" }
    }
    return lines
  }
}

extension RecordData {
  fileprivate var text: String {
    switch self {
    case .a(let address), .aaaa(let address): "\(address)"
    case .ns(let name), .cname(let name), .ptr(let name): "\(name)"
    case .mx(let preference, let name): "\(preference) \(name)"
    case .soa(let soa):
      "\(soa.server) \(soa.mailbox) \(soa.serial) \(soa.refresh_s) \(soa.retry_s) \(soa.expire_s) \(soa.minimum_s)"
    case .srv(let place): "\(place.priority) \(place.weight) \(place.port) \(place.target)"
    case .other(_, let bytes): String(decoding: bytes, as: UTF8.self)
    }
  }
}
