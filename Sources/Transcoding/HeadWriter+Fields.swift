internal import HTTP1
internal import HTTP2

extension HeadWriter {
  /// Writes the status line.
  mutating func put(_ status: UInt16) {
    put("HTTP/1.1 ")
    put(decimal: UInt64(status))
    put(UInt8(ascii: " "))
    put(ReasonPhrase.of(status))
    put("\r\n")
  }

  /// Writes the fields but those of HTTP/2 itself, and with `hidesLength` but Content-Length; whether they say how long the
  /// body is.
  mutating func put(_ fields: PathFieldList, hidesLength: Bool = false) -> Bool {
    var isCounted = false
    var hasCookie = false
    for index in 0..<fields.count {
      let name = fields.name(index)
      guard let first = name.first, first != UInt8(ascii: ":") else { continue }
      switch name.count {
      case 4 where name.spells("host"): continue
      case 6 where name.spells("cookie"):
        if !hasCookie { putCookies(fields) }
        hasCookie = true
        continue
      // It was for the proxy.
      case 15 where name.spells("x-weft-protocol"), 18 where name.spells("x-weft-destination"): continue
      case 14 where name.spells("content-length"):
        isCounted = true
        if hidesLength { continue }
      // It speaks of one connection only, where it must be named so (RFC 9110 section 10.1.4).
      case 2 where name.spells("te"): put("connection: te\r\n")
      default: break
      }
      put(name)
      put(": ")
      put(fields.value(index))
      put("\r\n")
    }
    return isCounted
  }

  /// Cookies may come in several fields, and HTTP/1.1 wants them in one (RFC 9113 section 8.2.3).
  private mutating func putCookies(_ fields: PathFieldList) {
    put("cookie: ")
    var isFirst = true
    for index in 0..<fields.count where fields.name(index).spells("cookie") {
      if !isFirst { put("; ") }
      put(fields.value(index))
      isFirst = false
    }
    put("\r\n")
  }
}

extension PathFieldList {
  /// The number behind `:status`, three digits; nil where there is none.
  var status: UInt16? {
    guard let text = self[":status"], text.count == 3 else { return nil }
    var status: UInt16 = 0
    for byte in text {
      guard byte &- 0x30 < 10 else { return nil }
      status = status * 10 + UInt16(byte &- 0x30)
    }
    return status >= 100 ? status : nil
  }
}
