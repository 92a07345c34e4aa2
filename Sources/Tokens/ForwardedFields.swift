internal import MeshModel
internal import Policy

extension RequestAuthentication.Rule {
  /// The fields that the rule gives the program of a verified token, as `name: value CRLF` one after the other.
  func forwardedFields(_ token: CompactToken) -> [UInt8] {
    var fields: [UInt8] = []
    if !payloadHeader.isEmpty { fields.append(field: payloadHeader, Array(token.payloadText)) }
    for output in claimHeaders {
      guard let claim = token.payload[output.claim], let value = claim.fieldValue else { continue }
      fields.append(field: output.header, value)
    }
    return fields
  }
}

extension [UInt8] {
  fileprivate mutating func append(field name: String, _ value: [UInt8]) {
    self += name.utf8
    self += [UInt8(ascii: ":"), UInt8(ascii: " ")]
    self += value
    self += [0x0d, 0x0a]
  }
}

extension ClaimValue {
  /// As a field's value: texts, numbers and truth values plain, lists and objects as base64url of their JSON (Envoy does
  /// the same). Nil for null, and for a text that cannot stand in a field: an issuer must not be able to write heads.
  var fieldValue: [UInt8]? {
    switch self {
    case .null: return nil
    case .boolean(let value): return Array((value ? "true" : "false").utf8)
    case .number(let text): return Array(text.utf8)
    case .text(let text):
      let bytes = Array(text.utf8)
      return bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7f } ? bytes : nil
    case .list, .object:
      var json: [UInt8] = []
      write(to: &json)
      return Base64URL.encode(json)
    }
  }

  /// Appends the value as JSON without white space.
  func write(to json: inout [UInt8]) {
    switch self {
    case .null: json += "null".utf8
    case .boolean(let value): json += (value ? "true" : "false").utf8
    case .number(let text): json += text.utf8
    case .text(let text): json.append(quoted: text)
    case .list(let values):
      json.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { json.append(UInt8(ascii: ",")) }
        value.write(to: &json)
      }
      json.append(UInt8(ascii: "]"))
    case .object(let members):
      json.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { json.append(UInt8(ascii: ",")) }
        json.append(quoted: member.name)
        json.append(UInt8(ascii: ":"))
        member.value.write(to: &json)
      }
      json.append(UInt8(ascii: "}"))
    }
  }
}

extension [UInt8] {
  /// Appends a JSON string (RFC 8259 section 7).
  fileprivate mutating func append(quoted text: String) {
    append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): self += [UInt8(ascii: "\\"), byte]
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        self += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
      default: append(byte)
      }
    }
    append(UInt8(ascii: "\""))
  }
}
