/// How an answer's body ends, or does not.
extension DifferentialAnswer {
  static let framing: [DifferentialAnswer] = [
    .init(
      "with Content-Length and chunked",
      ok("Content-Length: 3", "Transfer-Encoding: chunked", body: "5\r\nhello\r\n0\r\n\r\n"),
      expect: .badGateway,
      why: both
    ),
    .init(
      "with two equal Content-Lengths",
      ok("Content-Length: 5", "Content-Length: 5", body: "hello"),
      expect: .badGateway,
      why: several
    ),
    .init(
      "with two differing Content-Lengths",
      ok("Content-Length: 5", "Content-Length: 3", body: "hello"),
      expect: .badGateway,
      why: several
    ),
    .init("with Content-Length: 5, 5", ok("Content-Length: 5, 5", body: "hello"), expect: .badGateway, why: several),
    .init(
      "with Content-Length: +5",
      ok("Content-Length: +5", body: "hello"),
      expect: .badGateway,
      why: "RFC 9110 section 8.6: Content-Length is 1*DIGIT"
    ),
    .init(
      "with Content-Length: x",
      ok("Content-Length: x", body: "hello"),
      expect: .badGateway,
      why: "RFC 9110 section 8.6: Content-Length is 1*DIGIT"
    ),
    DifferentialAnswer(
      "in a coding nobody knows",
      ok("Connection: close", "Transfer-Encoding: xchunked", body: "5\r\nhello\r\n0\r\n\r\n"),
      expect: .badGateway,
      why: "RFC 9112 section 6.3: such an answer ends with the connection; weft does not pass on what it cannot frame"
    )
    .with(\.closes, true),
    .init(
      "in chunked, chunked",
      ok("Transfer-Encoding: chunked, chunked", body: "5\r\nhello\r\n0\r\n\r\n"),
      expect: .badGateway,
      why: "RFC 9112 section 6.1: chunked is applied once"
    ),
    .init(
      "in chunks by HTTP/1.0",
      "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      expect: .badGateway,
      why: "RFC 9112 section 6.1: such framing is faulty"
    ),
  ]

  static let bodies: [DifferentialAnswer] = [
    DifferentialAnswer(
      "shorter than its length",
      ok("Content-Length: 9", body: "hello"),
      expect: .brokenOff,
      why: incomplete
    )
    .with(\.closes, true),
    DifferentialAnswer(
      "longer than its length",
      ok("Content-Length: 5", body: "hello" + forged),
      expect: .exactly("200 `hello`, kept"),
      why: surplus
    ).with(\.spoilsConnection, true),
    DifferentialAnswer(
      "in chunks that break off",
      ok("Transfer-Encoding: chunked", body: "5\r\nhello\r\n"),
      expect: .brokenOff,
      why: incomplete
    ).with(\.closes, true),
    .init(
      "in chunks of a size that is none",
      ok("Transfer-Encoding: chunked", body: "5\r\nhello\r\nzz\r\nx\r\n0\r\n\r\n"),
      expect: .brokenOff,
      why: "RFC 9112 section 7.1: chunk-size is 1*HEXDIG"
    ),
    .init(
      "in chunks that are not ended by CRLF",
      ok("Transfer-Encoding: chunked", body: "5\r\nhelloXX0\r\n\r\n"),
      expect: .brokenOff,
      why: "RFC 9112 section 7.1: chunk-data ends in CRLF"
    ),
    .init(
      "in chunks with LF alone",
      ok("Transfer-Encoding: chunked", body: "5\nhello\n0\n\n"),
      expect: .brokenOff,
      why: "RFC 9112 section 7.1: lines of chunks end in CRLF"
    ),
    DifferentialAnswer(
      "in chunks with another answer behind",
      ok("Transfer-Encoding: chunked", body: "5\r\nhello\r\n0\r\n\r\n" + forged),
      expect: .exactly("200 `hello` in chunks, kept"),
      why: surplus
    ).with(\.spoilsConnection, true),
  ]

  static let bodilesses: [DifferentialAnswer] = [
    .init("204", "HTTP/1.1 204 No Content\r\n\r\n", expect: .exactly("204, kept"), why: unchanged),
    .init(
      "204 with a body",
      "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello",
      expect: .badGateway,
      why:
        "RFC 9110 section 8.6: 204 has no length; whether a body follows is not known, and Envoy refuses it too"
    ),
    .init(
      "204 in chunks",
      "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      expect: .badGateway,
      why:
        "RFC 9112 section 6.1: 204 has no chunks; whether a body follows is not known, and Envoy refuses it too"
    ),
    .init(
      "304 with a length",
      "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
      expect: .exactly("304; content-length: 5, kept"),
      why: "RFC 9110 section 8.6: it is the length that 200 would have had"
    ).with(\.watched, ["content-length"]),
    DifferentialAnswer(
      "304 with a body",
      "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello",
      expect: .exactly("304, kept"),
      why: bodiless
    ).with(\.spoilsConnection, true),
    DifferentialAnswer(
      "to HEAD",
      ok("Content-Length: 5"),
      expect: .exactly("200; content-length: 5, kept"),
      why: unchanged
    ).with(\.method, "HEAD").with(\.watched, ["content-length"]),
    DifferentialAnswer(
      "to HEAD with a body",
      ok("Content-Length: \(forged.utf8.count)", body: forged),
      expect: .exactly("200, kept"),
      why: bodiless
    ).with(\.spoilsConnection, true).with(\.method, "HEAD"),
    DifferentialAnswer(
      "to HEAD in chunks",
      ok("Transfer-Encoding: chunked"),
      expect: .exactly("200, kept"),
      why: unchanged
    ).with(\.method, "HEAD"),
    .init(
      "103 with a length",
      "HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\nhello" + ok("Content-Length: 0"),
      expect: .badGateway,
      why: "RFC 9110 section 8.6: Content-Length must not be in 1xx; whether a body follows is not known"
    ),
  ]
}
