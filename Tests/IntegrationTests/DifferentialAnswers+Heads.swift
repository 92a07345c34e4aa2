/// Lines of an answer's head that can be read in more ways than one.
extension DifferentialAnswer {
  static let heads: [DifferentialAnswer] = [
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
