import HTTP1

extension AmbiguousRequests {
  private static func post(_ lines: String, version: String = "1.1") -> String {
    "POST / HTTP/\(version)\r\nHost: a\r\n\(lines)\r\nabc"
  }

  static let framing: [AmbiguousMessage] = [
    .init(
      "Content-Length before Transfer-Encoding",
      .contentLengthWithTransferEncoding,
      post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n")
    ),
    .init(
      "Content-Length behind Transfer-Encoding",
      .contentLengthWithTransferEncoding,
      post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n")
    ),
    .init(
      "Content-Length beside an unknown coding",
      .contentLengthWithTransferEncoding,
      post("Content-Length: 3\r\nTransfer-Encoding: x\r\n")
    ),
    .init("two lengths that differ", .repeatedContentLength, post("Content-Length: 3\r\nContent-Length: 4\r\n")),
    .init("two lengths that agree", .repeatedContentLength, post("Content-Length: 3\r\nContent-Length: 3\r\n")),
    .init("two lengths in two cases", .repeatedContentLength, post("Content-Length: 3\r\ncontent-LENGTH: 3\r\n")),
    .init("a list of equal lengths", .malformedContentLength, post("Content-Length: 3, 3\r\n")),
    .init("a list of lengths", .malformedContentLength, post("Content-Length: 3,4\r\n")),
    .init("length with a plus", .malformedContentLength, post("Content-Length: +3\r\n")),
    .init("length below zero", .malformedContentLength, post("Content-Length: -3\r\n")),
    .init("length in hexadecimal", .malformedContentLength, post("Content-Length: 0x3\r\n")),
    .init("length with a fraction", .malformedContentLength, post("Content-Length: 3.0\r\n")),
    .init("length with a space inside", .malformedContentLength, post("Content-Length: 3 3\r\n")),
    .init("length in quotes", .malformedContentLength, post("Content-Length: \"3\"\r\n")),
    .init("empty length", .malformedContentLength, post("Content-Length:\r\n")),
    .init("length of blanks", .malformedContentLength, post("Content-Length: \t \r\n")),
    .init("length of 2^63", .malformedContentLength, post("Content-Length: 9223372036854775808\r\n")),
    .init("length of 2^64 and 3", .malformedContentLength, post("Content-Length: 18446744073709551619\r\n")),
    .init(
      "length with more zeroes than digits",
      .malformedContentLength,
      post("Content-Length: 00000000000000000003\r\n")
    ),
    .init("length with a superscript", .malformedContentLength, post("Content-Length: \u{b3}\r\n")),
    .init(
      "Transfer-Encoding twice",
      .repeatedTransferEncoding,
      post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")
    ),
    .init(
      "identity beside chunked",
      .repeatedTransferEncoding,
      post("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n")
    ),
    .init("chunked twice in one field", .repeatedTransferEncoding, post("Transfer-Encoding: chunked, chunked\r\n")),
    .init("chunked not last", .chunkedNotLast, post("Transfer-Encoding: chunked, gzip\r\n")),
    .init("chunked before identity", .chunkedNotLast, post("Transfer-Encoding: chunked, identity\r\n")),
    .init("gzip before chunked", .unknownTransferCoding, post("Transfer-Encoding: gzip, chunked\r\n")),
    .init("gzip alone", .unknownTransferCoding, post("Transfer-Encoding: gzip\r\n")),
    .init("identity alone", .unknownTransferCoding, post("Transfer-Encoding: identity\r\n")),
    .init("a coding that looks like chunked", .unknownTransferCoding, post("Transfer-Encoding: xchunked\r\n")),
    .init("a coding that begins like chunked", .unknownTransferCoding, post("Transfer-Encoding: chunkedx\r\n")),
    .init("chunked in quotes", .malformedTransferEncoding, post("Transfer-Encoding: \"chunked\"\r\n")),
    .init("chunked with a parameter", .malformedTransferEncoding, post("Transfer-Encoding: chunked;a=b\r\n")),
    .init("chunked and a comma", .malformedTransferEncoding, post("Transfer-Encoding: chunked,\r\n")),
    .init("a comma and chunked", .malformedTransferEncoding, post("Transfer-Encoding: ,chunked\r\n")),
    .init("chunked and a word", .malformedTransferEncoding, post("Transfer-Encoding: chunked x\r\n")),
    .init("empty Transfer-Encoding", .malformedTransferEncoding, post("Transfer-Encoding:\r\n")),
    .init("vertical tab before chunked", .controlCharacter, post("Transfer-Encoding: \u{b}chunked\r\n")),
    .init("NUL behind chunked", .controlCharacter, post("Transfer-Encoding: chunked\0\r\n")),
    .init("chunked behind a no-break space", .malformedTransferEncoding, post("Transfer-Encoding: \u{a0}chunked\r\n")),
    .init("chunked in HTTP/1.0", .transferEncodingInOldVersion, post("Transfer-Encoding: chunked\r\n", version: "1.0")),
    .init("CONNECT with a length", .unexpectedBody, "CONNECT a:80 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"),
    .init(
      "CONNECT with chunks",
      .unexpectedBody,
      "CONNECT a:80 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    ),
  ]

  private static func hosted(_ lines: String) -> String { "GET / HTTP/1.1\r\n\(lines)\r\n" }

  static let hosts: [AmbiguousMessage] = [
    .init("no Host", .missingHost, hosted("A: b\r\n")),
    .init("no Host and no field", .missingHost, hosted("")),
    .init("no Host beside an absolute target", .missingHost, "GET http://a/ HTTP/1.1\r\n\r\n"),
    .init("Host twice", .repeatedHost, hosted("Host: a\r\nHost: b\r\n")),
    .init("Host twice, alike", .repeatedHost, hosted("Host: a\r\nA: b\r\nhOST: a\r\n")),
    .init("Host twice in HTTP/1.0", .repeatedHost, "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"),
    .init("two hosts in one", .malformedHost, hosted("Host: a, b\r\n")),
    .init("two hosts in one without space", .malformedHost, hosted("Host: a,b\r\n")),
    .init("Host with a path", .malformedHost, hosted("Host: a/b\r\n")),
    .init("Host with a scheme", .port, hosted("Host: http://a\r\n")),
    .init("Host with a query", .malformedHost, hosted("Host: a?b\r\n")),
    .init("Host with a backslash", .malformedHost, hosted("Host: a\\b\r\n")),
    .init("Host with a tab", .malformedHost, hosted("Host: a\tb\r\n")),
    .init("Host with an escape", .malformedHost, hosted("Host: a%00b\r\n")),
    .init("Host beyond ASCII", .malformedHost, hosted("Host: \u{e4}\r\n")),
    .init("Host with userinfo", .userinfo, hosted("Host: a@b\r\n")),
    .init("Host with user and password", .userinfo, hosted("Host: a:b@c\r\n")),
    .init("Host with a port alone", .malformedHost, hosted("Host: :80\r\n")),
    .init("Host with an empty port", .port, hosted("Host: a:\r\n")),
    .init("Host with a port beyond 65535", .port, hosted("Host: a:65536\r\n")),
    .init("Host with a port of six digits", .port, hosted("Host: a:000080\r\n")),
    .init("Host with a port of letters", .port, hosted("Host: a:http\r\n")),
    .init("Host with two ports", .port, hosted("Host: a:80:80\r\n")),
    .init("IPv6 without brackets", .port, hosted("Host: 2001:db8::1\r\n")),
    .init("IPv6 without end", .malformedHost, hosted("Host: [::1\r\n")),
    .init("IPv6 with a zone", .malformedHost, hosted("Host: [fe80::1%25eth0]\r\n")),
    .init("IPv6 with something behind it", .malformedHost, hosted("Host: [::1]a\r\n")),
    .init("a name in brackets", .malformedHost, hosted("Host: [a.b]\r\n")),
    .init("nothing in brackets", .malformedHost, hosted("Host: []\r\n")),
    .init("a bad Host beside an absolute target", .malformedHost, "GET http://a/ HTTP/1.1\r\nHost: a b\r\n\r\n"),
    .init("a bad Host beside CONNECT", .malformedHost, "CONNECT a:80 HTTP/1.1\r\nHost: a b\r\n\r\n"),
  ]

  static let connections: [AmbiguousMessage] = [
    .init("Connection names Host", .connectionNamesFraming, hosted("Host: a\r\nConnection: close, Host\r\n")),
    .init(
      "Connection names Content-Length",
      .connectionNamesFraming,
      post("Content-Length: 3\r\nConnection: content-length\r\n")
    ),
    .init("Connection names Transfer-Encoding", .connectionNamesFraming, post("Connection: transfer-encoding\r\n")),
    .init("Connection with a quoted option", .malformedConnection, hosted("Host: a\r\nConnection: \"close\"\r\n")),
    .init("Connection with two words", .malformedConnection, hosted("Host: a\r\nConnection: close x\r\n")),
    .init("Connection with a parameter", .malformedConnection, hosted("Host: a\r\nConnection: close;a=b\r\n")),
    .init(
      "Connection with 33 options",
      .malformedConnection,
      hosted("Host: a\r\nConnection: \(String(repeating: "a,", count: 32))a\r\n")
    ),
    .init(
      "33 Connection fields",
      .malformedConnection,
      hosted("Host: a\r\n\(String(repeating: "Connection: a\r\n", count: 33))")
    ),
  ]
}
