extension DifferentialAnswer {
  static let unchanged = "RFC 9110 section 7.6: a message goes on, and nobody may change what it means"
  static let several =
    "RFC 9112 section 6.3: a proxy answers 502 to differing lengths; to equal ones weft does too"
  static let both = "RFC 9112 section 6.3: both fields are handled as an error, or Content-Length is dropped"
  static let incomplete = "RFC 9112 section 8: an incomplete answer must not pass for a whole one"
  static let surplus =
    "RFC 9112 section 6.3: bytes behind an answer belong to nobody, and the connection is not used again"
  static let lines = "RFC 9112 sections 2.2, 5: a line that cannot be read in one way only is not passed on"
  static let bodiless =
    "RFC 9112 section 6.3: HEAD, 1xx, 204 and 304 end with their head; what follows belongs to nobody"

  /// What servers say, rightly and wrongly.
  static let all: [DifferentialAnswer] = ordinary + framing + bodies + bodilesses + heads

  static func ok(_ fields: String..., body: String = "") -> String {
    (["HTTP/1.1 200 OK"] + fields).joined(separator: "\r\n") + "\r\n\r\n" + body
  }
  static let forged = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"

  static let ordinary: [DifferentialAnswer] = [
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
}
