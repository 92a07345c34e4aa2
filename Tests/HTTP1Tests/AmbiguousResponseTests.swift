import HTTP1
import Testing

@Suite struct AmbiguousResponseTests {
  private static func ok(_ lines: String) -> String { "HTTP/1.1 200 OK\r\n\(lines)\r\nabc" }

  static let all: [AmbiguousMessage] = [
    .init("no version", .malformedVersion, "200 OK\r\n\r\n"),
    .init("version 2.0", .unsupportedVersion, "HTTP/2.0 200 OK\r\n\r\n"),
    .init("version in lower case", .malformedVersion, "http/1.1 200 OK\r\n\r\n"),
    .init("another protocol", .malformedVersion, "ICY 200 OK\r\n\r\n"),
    .init("empty line before it", .malformedVersion, "\r\nHTTP/1.1 200 OK\r\n\r\n"),
    .init("tab behind the version", .startLineWhitespace, "HTTP/1.1\t200 OK\r\n\r\n"),
    .init("two spaces behind the version", .malformedStatus, "HTTP/1.1  200 OK\r\n\r\n"),
    .init("version alone", .startLineWhitespace, "HTTP/1.1\r\n\r\n"),
    .init("status of two digits", .malformedStatus, "HTTP/1.1 20 OK\r\n\r\n"),
    .init("status of four digits", .malformedStatus, "HTTP/1.1 2000 OK\r\n\r\n"),
    .init("status with a sign", .malformedStatus, "HTTP/1.1 +20 OK\r\n\r\n"),
    .init("status 099", .malformedStatus, "HTTP/1.1 099 OK\r\n\r\n"),
    .init("status 600", .malformedStatus, "HTTP/1.1 600 OK\r\n\r\n"),
    .init("tab behind the status", .malformedStatus, "HTTP/1.1 200\tOK\r\n\r\n"),
    .init("reason with NUL", .controlCharacter, "HTTP/1.1 200 O\0K\r\n\r\n"),
    .init("status line ends in LF alone", .bareLF, "HTTP/1.1 200 OK\nA: b\r\n\r\n"),
    .init("status alone ends in LF alone", .bareLF, "HTTP/1.1 200\nA: b\r\n\r\n"),
    .init("status line ends in CR alone", .bareCR, "HTTP/1.1 200 OK\rA: b\r\n\r\n"),
    .init("field ends in LF alone", .bareLF, ok("A: b\nC: d\r\n")),
    .init("field ends in CR alone", .bareCR, ok("A: b\rC: d\r\n")),
    .init("head ends in LF alone", .bareLF, "HTTP/1.1 200 OK\r\nA: b\r\n\nabc"),
    .init("folded value", .lineFolding, ok("A: b\r\n c\r\n")),
    .init("space before the first field", .leadingWhitespace, ok(" A: b\r\n")),
    .init("space before the colon", .spaceBeforeColon, ok("Content-Length : 3\r\n")),
    .init("NUL in a value", .controlCharacter, ok("A: b\0\r\n")),
    .init("line without colon", .malformedFieldName, ok("A\r\n")),
    .init("transfer_encoding", .underscoreShadow, ok("transfer_encoding: chunked\r\n")),
    .init("101 fields", .tooManyFields, ok(String(repeating: "A: b\r\n", count: 101))),
    .init(
      "length and coding",
      .contentLengthWithTransferEncoding,
      ok("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n")
    ),
    .init("two lengths that differ", .repeatedContentLength, ok("Content-Length: 3\r\nContent-Length: 4\r\n")),
    .init("two lengths that agree", .repeatedContentLength, ok("Content-Length: 3\r\nContent-Length: 3\r\n")),
    .init("length that is no number", .malformedContentLength, ok("Content-Length: three\r\n")),
    .init("gzip before chunked", .unknownTransferCoding, ok("Transfer-Encoding: gzip, chunked\r\n")),
    .init("chunked not last", .chunkedNotLast, ok("Transfer-Encoding: chunked, gzip\r\n")),
    .init(
      "chunked in HTTP/1.0",
      .transferEncodingInOldVersion,
      "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    ),
    .init("Connection names Content-Length", .connectionNamesFraming, ok("Connection: content-length\r\n")),
    .init("204 with a length", .unexpectedBody, "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc"),
    .init("204 with chunks", .unexpectedBody, "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"),
    .init("100 with a length", .unexpectedBody, "HTTP/1.1 100 Continue\r\nContent-Length: 3\r\n\r\nabc"),
    .init("101 with chunks", .unexpectedBody, "HTTP/1.1 101 Switching\r\nTransfer-Encoding: chunked\r\n\r\n"),
  ]

  @Test("What is ambiguous is refused, for the reason it should be", arguments: all)
  func refused(message: AmbiguousMessage) {
    withResponse(message.bytes) { outcome, _ in #expect(outcome == .refused(message.fault)) }
  }

  @Test("What is refused is refused on the bytes up to there, in however many pieces they come")
  func refusedInPieces() {
    for message in Self.all {
      let bytes = message.bytes
      for count in 0..<bytes.count {
        withResponse(Array(bytes[..<count])) { outcome, _ in
          #expect(outcome == .partial || outcome == .refused(message.fault), "\(message.name), \(count) bytes")
        }
      }
    }
  }
}
