import HTTP1
import Testing

@Suite struct FieldNameTests {
  static let spellings: [(FieldName, String)] = [
    (.host, "Host"), (.contentType, "Content-Type"), (.contentLength, "Content-Length"),
    (.transferEncoding, "Transfer-Encoding"),
    (.connection, "Connection"), (.te, "TE"), (.trailer, "Trailer"), (.upgrade, "Upgrade"),
    (.keepAlive, "Keep-Alive"), (.proxyConnection, "Proxy-Connection"), (.expect, "Expect"),
    (.authorization, "Authorization"), (.cookie, "Cookie"), (.setCookie, "Set-Cookie"), (.server, "Server"),
    (.date, "Date"), (.location, "Location"), (.retryAfter, "Retry-After"), (.wwwAuthenticate, "WWW-Authenticate"),
    (.via, "Via"), (.forwarded, "Forwarded"), (.xForwardedFor, "X-Forwarded-For"),
    (.xForwardedProto, "X-Forwarded-Proto"), (.xForwardedHost, "X-Forwarded-Host"),
    (.xForwardedClientCert, "X-Forwarded-Client-Cert"), (.l5dClientID, "L5d-Client-Id"),
    (.xRequestID, "X-Request-Id"), (.traceparent, "Traceparent"), (.tracestate, "Tracestate"), (.b3, "B3"),
    (.xB3TraceID, "X-B3-TraceId"), (.xB3SpanID, "X-B3-SpanId"), (.xB3ParentSpanID, "X-B3-ParentSpanId"),
    (.xB3Sampled, "X-B3-Sampled"), (.xB3Flags, "X-B3-Flags"), (.xWeftHops, "X-Weft-Hops"),
    (.xWeftReason, "X-Weft-Reason"),
  ]

  /// What a response with one field of this name recognises it as; a response, where no name is refused for its value.
  private func recognized(_ name: String) -> FieldName? {
    let value = name.lowercased() == "transfer-encoding" ? "chunked" : name.lowercased() == "content-length" ? "1" : "a"
    return withResponse("HTTP/1.1 200 OK\r\n\(name): \(value)\r\n\r\n") { outcome, head in
      if case .whole = outcome { head.fields[0].known } else { nil }
    }
  }

  @Test("Every name is recognised, in any case, and only as itself", arguments: spellings)
  func recognised(name: FieldName, spelling: String) {
    for text in [spelling, spelling.lowercased(), spelling.uppercased()] { #expect(recognized(text) == name) }
  }

  @Test("A name with one byte changed, added or missing is another one", arguments: spellings)
  func nearMisses(name: FieldName, spelling: String) {
    let bytes = Array(spelling.utf8)
    for index in bytes.indices {
      var changed = bytes
      changed[index] = bytes[index] == UInt8(ascii: "q") ? UInt8(ascii: "j") : UInt8(ascii: "q")
      #expect(recognized(String(decoding: changed, as: UTF8.self)) == .other)
      changed = bytes
      changed[index] ^= 0x10  // hits bits that folding the case must not hide
      if let known = recognized(String(decoding: changed, as: UTF8.self)) { #expect(known == .other) }
    }
    #expect(recognized(spelling + "s") == .other)
    #expect(recognized("s" + spelling) == .other)
    #expect(recognized(String(spelling.dropLast())) == .other)
  }

  @Test("The spellings above are all there are")
  func complete() {
    #expect(Set(Self.spellings.map(\.0)) == Set(FieldName.allCases).subtracting([.other]))
  }
}
