import WeftTestKit

extension DifferentialCase {
  /// Bodies whose end two readers could see in two places.
  static let framing: [DifferentialCase] = lengths + codings + chunks

  private static let several =
    "RFC 9112 section 6.3: differing lengths are an unrecoverable error; equal ones may be refused, and weft does"
  private static let number = "RFC 9110 section 8.6: Content-Length is 1*DIGIT"
  private static let both =
    "RFC 9112 section 6.1: both fields ought to be handled as an error; a server may refuse, and weft does"
  private static let coding =
    "RFC 9112 section 6.1: an unknown coding is answered 501, and one that cannot be framed 400"
  private static let size = "RFC 9112 section 7.1: chunk-size is 1*HEXDIG and ends in CRLF or an extension"

  private static let lengths: [DifferentialCase] = [
    .init("two equal Content-Lengths", post("Content-Length: 3", "Content-Length: 3"), expect: .refused, why: several),
    .init(
      "two differing Content-Lengths",
      post("Content-Length: 3", "Content-Length: 9"),
      expect: .refused,
      why: several
    ),
    .init("Content-Length: 3, 3", post("Content-Length: 3, 3"), expect: .refused, why: several),
    .init("Content-Length: 3, 9", post("Content-Length: 3, 9"), expect: .refused, why: several),
    .init("Content-Length: +3", post("Content-Length: +3"), expect: .refused, why: number),
    .init("Content-Length: -3", post("Content-Length: -3"), expect: .refused, why: number),
    .init("Content-Length: 0x3", post("Content-Length: 0x3"), expect: .refused, why: number),
    .init("Content-Length: 3 3", post("Content-Length: 3 3"), expect: .refused, why: number),
    .init("an empty Content-Length", post("Content-Length:"), expect: .refused, why: number),
    .init("Content-Length: 003", post("Content-Length: 003"), expect: .forwarded(["POST /a + 3 bytes"]), why: number),
    .init(
      "Content-Length of 2^64 + 3",
      post("Content-Length: 18446744073709551619"),
      expect: .refused,
      why: "RFC 9110 section 8.6: large numbers must not overflow"
    ),
    .init(
      "Content_Length beside Content-Length",
      post("Content-Length: 3", "Content_Length: 9"),
      expect: .refused,
      why:
        "RFC 9110 section 5.1: `_` may be in a name, but CGI and WSGI read it as `-`; nginx drops such a field"
    ).with(\.watched, ["content_length"]),
  ]

  private static let codings: [DifferentialCase] = [
    .init(
      "Content-Length and chunked",
      post("Content-Length: 6", "Transfer-Encoding: chunked", body: "0\r\n\r\nX"),
      expect: .refused,
      why: both
    ),
    .init(
      "chunked and Content-Length",
      post("Transfer-Encoding: chunked", "Content-Length: 4", body: "5c\r\n"),
      expect: .refused,
      why: both
    ),
    .init("xchunked", chunked("Transfer-Encoding: xchunked"), expect: .refused, why: coding),
    .init("identity", chunked("Transfer-Encoding: identity"), expect: .refused, why: coding),
    .init("chunked, identity", chunked("Transfer-Encoding: chunked, identity"), expect: .refused, why: coding),
    .init("gzip, chunked", chunked("Transfer-Encoding: gzip, chunked"), expect: .refused, why: coding),
    .init("chunked twice in one field", chunked("Transfer-Encoding: chunked, chunked"), expect: .refused, why: coding),
    .init(
      "chunked in two fields",
      chunked("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
      expect: .refused,
      why: coding
    ),
    .init(
      "chunked and then identity in two fields",
      chunked("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
      expect: .refused,
      why: coding
    ),
    .init("an empty Transfer-Encoding", chunked("Transfer-Encoding:"), expect: .refused, why: coding),
    .init("chunked in quotes", chunked("Transfer-Encoding: \"chunked\""), expect: .refused, why: coding),
    .init("chunked with a parameter", chunked("Transfer-Encoding: chunked;q=1"), expect: .refused, why: coding),
    .init("chunked before a comma", chunked("Transfer-Encoding: chunked,"), expect: .refused, why: coding),
    .init("chunked behind a comma", chunked("Transfer-Encoding: ,chunked"), expect: .refused, why: coding),
    .init("chunked behind a vertical tab", chunked("Transfer-Encoding: \u{b}chunked"), expect: .refused, why: coding),
    .init(
      "chunked behind blanks",
      chunked("Transfer-Encoding:   chunked "),
      expect: .forwarded(["POST /a + 3 bytes in chunks"]),
      why: reframed
    ),
    .init(
      "chunked behind a tab",
      chunked("Transfer-Encoding:\tchunked"),
      expect: .forwarded(["POST /a + 3 bytes in chunks"]),
      why: "RFC 9110 section 5.5: blanks around a value are no part of it, and a tab is a blank"
    ),
    .init(
      "Chunked",
      chunked("Transfer-Encoding: ChunKed"),
      expect: .forwarded(["POST /a + 3 bytes in chunks"]),
      why: reframed
    ),
    .init(
      "chunked in HTTP/1.0",
      bare("POST /a HTTP/1.0", "Host: a.test", "Transfer-Encoding: chunked", body: "3\r\nabc\r\n0\r\n\r\n"),
      expect: .refused,
      why: "RFC 9112 section 6.1: such framing is faulty, and the connection is closed"
    ),
    .init(
      "Transfer_Encoding",
      post("Content-Length: 3", "Transfer_Encoding: chunked"),
      expect: .refused,
      why:
        "RFC 9110 section 5.1: `_` may be in a name, but CGI and WSGI read it as `-`; nginx drops such a field"
    ).with(\.watched, ["transfer_encoding"]),
    .init(
      "GET with chunked and Content-Length",
      message("GET /a HTTP/1.1", "Content-Length: 5", "Transfer-Encoding: chunked", body: "0\r\n\r\n"),
      expect: .refused,
      why: both
    ),
  ]

  private static let chunks: [DifferentialCase] = [
    .init("chunk size with a sign", post(chunks: "+3\r\nabc\r\n0\r\n\r\n"), expect: .refused, why: size),
    .init("negative chunk size", post(chunks: "-3\r\nabc\r\n0\r\n\r\n"), expect: .refused, why: size),
    .init("chunk size with 0x", post(chunks: "0x3\r\nabc\r\n0\r\n\r\n"), expect: .refused, why: size),
    .init("chunk size with an underscore", post(chunks: "0_3\r\nabc\r\n0\r\n\r\n"), expect: .refused, why: size),
    .init("blank before the chunk size", post(chunks: " 3\r\nabc\r\n0\r\n\r\n"), expect: .refused, why: size),
    .init("blank behind the chunk size", post(chunks: "3 \r\nabc\r\n0\r\n\r\n"), expect: .refused, why: size),
    .init(
      "blank before an extension",
      post(chunks: "3 ;a\r\nabc\r\n0\r\n\r\n"),
      expect: .forwarded(["POST /a + 3 bytes in chunks"]),
      why: reframed
    ),
    .init(
      "chunk size of 17 digits",
      post(chunks: "10000000000000003\r\nabc\r\n0\r\n\r\n"),
      expect: .refused,
      why: "RFC 9112 section 7.1: recipients must not let large sizes overflow"
    ),
    .init(
      "chunk size of 2^64 - 1",
      post(chunks: "ffffffffffffffff\r\nabc\r\n0\r\n\r\n"),
      expect: .refused,
      why: "RFC 9112 section 7.1: recipients must not let large sizes overflow"
    ),
    .init("letters behind the chunk size", post(chunks: "3xyz\r\nabc\r\n0\r\n\r\n"), expect: .refused, why: size),
    .init("empty chunk size", post(chunks: "\r\nabc\r\n0\r\n\r\n"), expect: .refused, why: size),
    .init(
      "LF alone behind the chunk size",
      post(chunks: "3\nabc\r\n0\r\n\r\n"),
      expect: .refused,
      why: "RFC 9112 section 7.1: lines of chunks end in CRLF; LF alone is only for heads, section 2.2"
    ),
    .init(
      "CR alone in a chunk extension",
      post(chunks: "3;a\rb\r\nabc\r\n0\r\n\r\n"),
      expect: .refused,
      why: "RFC 9112 section 2.2: CR alone is invalid"
    ),
    .init(
      "LF alone in a chunk extension",
      post(chunks: "3;a\nbc\r\n0\r\n\r\n"),
      expect: .refused,
      why: "RFC 9112 section 7.1: lines of chunks end in CRLF; LF alone is only for heads, section 2.2"
    ),
    .init(
      "LF alone behind chunk data",
      post(chunks: "3\r\nabc\n0\r\n\r\n"),
      expect: .refused,
      why: "RFC 9112 section 7.1: lines of chunks end in CRLF; LF alone is only for heads, section 2.2"
    ),
    .init("nothing behind chunk data", post(chunks: "3\r\nabc0\r\n\r\n"), expect: .refused, why: size),
    .init("chunk data longer than its size", post(chunks: "3\r\nabcde\r\n0\r\n\r\n"), expect: .refused, why: size),
    .init(
      "two bytes other than CRLF behind chunk data",
      post(chunks: "3\r\nabcXX0\r\n\r\n"),
      expect: .refused,
      why: size
    ),
    .init(
      "LF alone at the end of the trailers",
      post(chunks: "3\r\nabc\r\n0\r\n\n"),
      expect: .refused,
      why: "RFC 9112 section 7.1: lines of chunks end in CRLF; LF alone is only for heads, section 2.2"
    ),
    .init(
      "a trailer without a colon",
      post(chunks: "3\r\nabc\r\n0\r\nX\r\n\r\n"),
      expect: .refused,
      why: "RFC 9112 section 7.1.2: trailers are field lines"
    ),
    .init(
      "trailers that would frame or route",
      post(
        chunks: "3\r\nabc\r\n0\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\nHost: b.test\r\nX-A: 1\r\n\r\n"
      ),
      expect: .forwarded(["POST /a + 3 bytes in chunks; trailer x-a"]),
      why:
        "RFC 9110 section 6.5.1: fields about framing and routing must not stand in trailers; nginx drops all of them"
    ),
    .init(
      "chunk extensions of 64 KiB",
      post(chunks: "3;" + String(repeating: "e", count: 65_536) + "\r\nabc\r\n0\r\n\r\n"),
      expect: .refused,
      why: "RFC 9112 section 7.1.1: the length of extensions ought to be limited"
    )
    .with(\.framesByChance, true),
  ]

  /// A chunked body of three bytes behind these fields.
  private static func chunked(_ fields: String...) -> String {
    message("POST /a HTTP/1.1", fields, body: "3\r\nabc\r\n0\r\n\r\n")
  }
}
