extension DifferentialAnswer {
  private static let unchanged = "RFC 9110 section 7.6: a message goes on, and nobody may change what it means"
  private static let several =
    "RFC 9112 section 6.3: a proxy answers 502 to differing lengths; to equal ones weft does too"
  private static let both = "RFC 9112 section 6.3: both fields are handled as an error, or Content-Length is dropped"
  private static let incomplete = "RFC 9112 section 8: an incomplete answer must not pass for a whole one"
  private static let surplus =
    "RFC 9112 section 6.3: bytes behind an answer belong to nobody, and the connection is not used again"
  private static let lines = "RFC 9112 sections 2.2, 5: a line that cannot be read in one way only is not passed on"
  private static let bodiless =
    "RFC 9112 section 6.3: HEAD, 1xx, 204 and 304 end with their head; what follows belongs to nobody"

  /// What servers say, rightly and wrongly.
  static let all: [DifferentialAnswer] = ordinary + framing + bodies + bodilesses + heads

  private static func ok(_ fields: String..., body: String = "") -> String {
    (["HTTP/1.1 200 OK"] + fields).joined(separator: "\r\n") + "\r\n\r\n" + body
  }
  private static let forged = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"

  private static let ordinary: [DifferentialAnswer] = [
    .init(
      "with Content-Length",
      ok("Content-Length: 5", body: "hello"),
      expect: .exactly("200 `hello`, kept"),
      why: unchanged
    ),
    .init(
      "in chunks",
      ok("Transfer-Encoding: chunked", body: "3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"),
      expect: .exactly("200 `hello` in chunks, kept"),
      why: unchanged
    ),
    .init(
      "in chunks with a trailer",
      ok(
        "Trailer: X-Sum",
        "Transfer-Encoding: chunked",
        body: "5\r\nhello\r\n0\r\nX-Sum: 1\r\nContent-Length: 9\r\n\r\n"
      ),
      expect: .exactly("200 `hello` in chunks; trailer x-sum: 1, kept"),
      why: "RFC 9110 section 6.5.1: trailers may be dropped; those about framing must not be there"
    ).with(\.watched, ["trailer x-sum", "trailer content-length"]),
    DifferentialAnswer(
      "to the end of the connection",
      ok(body: "hello"),
      expect: .exactly("200 `hello` in chunks, kept"),
      why: "RFC 9112 section 6.3: the answer ends with the connection; a proxy may put it in chunks"
    )
    .with(\.closes, true),
    DifferentialAnswer(
      "HTTP/1.0 to the end of the connection",
      "HTTP/1.0 200 OK\r\n\r\nhello",
      expect: .exactly("200 `hello` in chunks, kept"),
      why: "RFC 9112 section 6.3: the answer ends with the connection; a proxy may put it in chunks"
    )
    .with(\.closes, true),
    DifferentialAnswer(
      "in chunks to HTTP/1.0",
      ok("Transfer-Encoding: chunked", body: "5\r\nhello\r\n0\r\n\r\n"),
      expect: .exactly("200 `hello` to the end, closed"),
      why: "RFC 9112 section 6.1: chunks are not sent to HTTP/1.0"
    )
    .with(\.version, "HTTP/1.0"),
    DifferentialAnswer(
      "with Connection: close",
      ok("Content-Length: 5", "Connection: close", body: "hello"),
      expect: .exactly("200 `hello`, kept"),
      why: "RFC 9110 section 7.6.1: Connection is of this hop alone"
    ).with(\.spoilsConnection, true),
    .init(
      "with a field that Connection names",
      ok("Content-Length: 0", "Connection: X-Hop", "X-Hop: 1", "X-End: 2"),
      expect: .exactly("200 (empty); x-end: 2, kept"),
      why: "RFC 9110 section 7.6.1: named fields go no further"
    ).with(\.watched, ["x-hop", "x-end"]),
    .init(
      "without a reason",
      "HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\nhello",
      expect: .exactly("200 `hello`, kept"),
      why: "RFC 9112 section 4: the reason is optional"
    ),
    .init(
      "without a reason and the space before it",
      "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello",
      expect: .exactly("200 `hello`, kept"),
      why: "RFC 9112 section 4: the space must be there; many servers leave it out, and nothing else can be meant"
    ),
    .init(
      "of a status nobody knows",
      "HTTP/1.1 299 Well\r\nContent-Length: 5\r\n\r\nhello",
      expect: .exactly("299 `hello`, kept"),
      why: "RFC 9110 section 15: an unknown status counts as x00 of its class"
    ),
    .init(
      "with 103 before it",
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ok("Content-Length: 5", body: "hello"),
      expect: .exactly("103, 200 `hello`, kept"),
      why: "RFC 9110 section 15.2: a proxy passes 1xx on"
    ),
    .init(
      "with 20 interim answers before it",
      String(repeating: "HTTP/1.1 102 Processing\r\n\r\n", count: 20) + ok("Content-Length: 5", body: "hello"),
      expect: .badGateway,
      why:
        "RFC 9110 section 15.2: 1xx may come in any number; weft takes eight, as each costs and none ends the request"
    ),
  ]

  private static let framing: [DifferentialAnswer] = [
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

  private static let bodies: [DifferentialAnswer] = [
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

  private static let bodilesses: [DifferentialAnswer] = [
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

  private static let heads: [DifferentialAnswer] = [
    .init(
      "with LF alone behind every line",
      "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
      expect: .badGateway,
      why: lines
    ),
    .init(
      "with LF alone behind a field",
      "HTTP/1.1 200 OK\r\nX-A: 1\nContent-Length: 5\r\n\r\nhello",
      expect: .badGateway,
      why: lines
    ),
    .init(
      "with CR alone in a value",
      ok("X-A: b\rc", "Content-Length: 5", body: "hello"),
      expect: .badGateway,
      why: lines
    ),
    .init(
      "with NUL in a value",
      ok("X-A: b\0c", "Content-Length: 5", body: "hello"),
      expect: .badGateway,
      why: "RFC 9110 section 5.5: NUL in a value is dangerous, and the message may be refused"
    ),
    .init(
      "with a folded field",
      ok("X-A: b\r\n c", "Content-Length: 5", body: "hello"),
      expect: .badGateway,
      why: "RFC 9112 section 5.2: a proxy answers 502, or replaces the fold by blanks"
    ),
    .init(
      "with a space before a colon",
      ok("X-A : 1", "Content-Length: 5", body: "hello"),
      expect: .badGateway,
      why:
        "RFC 9112 section 5.1: a proxy must not pass such whitespace on; weft passes on nothing of the answer"
    ),
    .init(
      "with a line without a colon",
      ok("nonsense", "Content-Length: 5", body: "hello"),
      expect: .badGateway,
      why: lines
    ),
    .init(
      "with status 600",
      "HTTP/1.1 600 What\r\nContent-Length: 5\r\n\r\nhello",
      expect: .badGateway,
      why: "RFC 9110 section 15: statuses outside 100 to 599 are invalid"
    ),
    .init(
      "with status 99",
      "HTTP/1.1 099 What\r\nContent-Length: 5\r\n\r\nhello",
      expect: .badGateway,
      why: "RFC 9110 section 15: statuses outside 100 to 599 are invalid"
    ),
    .init(
      "with a status of four digits",
      "HTTP/1.1 2000 OK\r\nContent-Length: 5\r\n\r\nhello",
      expect: .badGateway,
      why: "RFC 9112 section 4: status-code is 3DIGIT"
    ),
    .init(
      "of HTTP/2.0",
      "HTTP/2.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
      expect: .badGateway,
      why: "RFC 9112 section 2.3: only major version 1 is spoken here"
    ),
    DifferentialAnswer(
      "that is no HTTP",
      "SSH-2.0-OpenSSH_9.2\r\n",
      expect: .badGateway,
      why: "RFC 9110 section 15.6.3: 502 for an answer that cannot be read"
    ).with(\.closes, true),
    DifferentialAnswer(
      "of nothing at all",
      "",
      expect: .answered(503),
      why: "RFC 9110 section 15.6: 502 or 503; weft says 503 as Envoy does where a server closes before it answers"
    ).with(\.closes, true),
    DifferentialAnswer(
      "that breaks off in its head",
      "HTTP/1.1 200 OK\r\nContent-Le",
      expect: .answered(503),
      why: "RFC 9110 section 15.6: 502 or 503; weft says 503 as Envoy does where a server closes before it answers"
    ).with(\.closes, true),
    .init(
      "with 120 fields",
      ok((1...118).map { "X-\($0): 1" }.joined(separator: "\r\n"), "Content-Length: 5", body: "hello"),
      expect: .badGateway,
      why: "RFC 9110 section 5.4: each recipient sets its own bound; weft's is 100"
    ),
    DifferentialAnswer(
      "with a head of 20 KiB",
      ok(DifferentialCase.longFields(10, of: 2048), "Content-Length: 5", body: "hello"),
      expect: .exactly("200 `hello`, kept"),
      why: "RFC 9110 section 5.4: each recipient sets its own bound; weft's is 64 KiB"
    ),
    DifferentialAnswer(
      "with a head of 70 KiB",
      ok(DifferentialCase.longFields(35, of: 2048), "Content-Length: 5", body: "hello"),
      expect: .badGateway,
      why: "RFC 9110 section 5.4: each recipient sets its own bound; weft's is 64 KiB"
    ),
  ]
}
