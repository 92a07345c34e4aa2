import HTTP1
import Testing

@Suite struct TrailerTests {
  private func kept(_ section: String) -> String? {
    Array(section.utf8).withUnsafeBytes { bytes in
      var table = FieldTable()
      guard table.parse(trailers: bytes) else { return nil }
      return written { table.write(into: &$0) }
    }
  }

  @Test("Trailers that say something of the content are kept")
  func kept() {
    let lines = "grpc-status: 0\r\ngrpc-message:\r\nServer-Timing: a\r\nDigest: b\r\nETag: \"c\"\r\n"
    #expect(kept(lines + "\r\n") == lines.replacingEmptyValue)
    #expect(kept("\r\n") == "")
  }

  @Test(
    "Fields that decide on framing, routing, identity, control or the content's form are dropped from trailers",
    arguments: [
      "Content-Length", "Transfer-Encoding", "Host", "Connection", "TE", "Trailer", "Upgrade", "Keep-Alive",
      "Authorization", "Cookie", "Set-Cookie", "WWW-Authenticate", "Proxy-Authorization", "Proxy-Authenticate",
      "X-Forwarded-For", "X-Forwarded-Client-Cert", "X-Forwarded-Port", "Forwarded", "Via", "X-Request-Id",
      "Traceparent", "Tracestate", "B3", "L5d-Client-Id", "X-Weft-Hops", "X-Real-IP", "Content-Type",
      "Content-Encoding", "Content-Range", "Cache-Control", "Expect", "Max-Forwards", "Pragma", "Range", "If-Match",
      "If-None-Match", "Accept", "Accept-Encoding", "Age", "Expires", "Date", "Location", "Retry-After", "Vary",
      "Warning", "Origin", "Referer", "Server",
    ]
  )
  func dropped(name: String) {
    #expect(kept("A: b\r\n\(name): 1\r\nC: d\r\n\r\n") == "A: b\r\nC: d\r\n")
    #expect(kept("\(name.lowercased()): 1\r\n\r\n") == "")
  }

  @Test("Names that only begin like a forbidden one are kept")
  func nearlyDropped() {
    let lines = "Agent: 1\r\nIf: 2\r\nAccepted: 3\r\nRanges: 4\r\nProxy: 5\r\nContents: 6\r\n"
    #expect(kept(lines + "\r\n") == lines)
  }

  @Test(
    "What is no whole section is refused, and leaves nothing behind",
    arguments: ["", "A: b\r\n", "A b\r\n\r\n", "\r\nA: b\r\n\r\n"]
  )
  func refused(section: String) {
    #expect(kept(section) == nil)
  }

  @Test("A section that was refused leaves no field behind")
  func emptied() {
    Array("A: b\r\nC".utf8).withUnsafeBytes { bytes in
      var table = FieldTable()
      let isValid = table.parse(trailers: bytes)
      #expect(!isValid && table.count == 0)
    }
  }
}

extension String {
  /// Lines as they are written: with a space behind the colon of an empty value.
  fileprivate var replacingEmptyValue: String {
    split(separator: "\r\n", omittingEmptySubsequences: false).map { $0.hasSuffix(":") ? "\($0) " : "\($0)" }
      .joined(separator: "\r\n")
  }
}
