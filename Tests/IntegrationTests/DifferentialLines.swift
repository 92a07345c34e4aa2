import WeftTestKit

extension DifferentialCase {
  private static let lineEnd =
    "RFC 9112 section 2.2: LF alone may be taken for a line's end; weft refuses, for not all take it so"
  private static let bareCR = "RFC 9112 section 2.2: CR alone makes an element invalid"
  private static let control =
    "RFC 9110 section 5.5: CR, LF and NUL in a value are dangerous, and the message may be refused"
  private static let name = "RFC 9112 section 5.1: no whitespace between name and colon; 400"
  private static let folding = "RFC 9112 section 5.2: obs-fold is refused, or replaced by blanks; weft refuses"
  private static let startLine = "RFC 9112 section 3: single SPs part the request line; a lenient reading is a risk"
  private static let version =
    "RFC 9110 section 2.5 and RFC 9112 section 2.3: HTTP-version is HTTP/DIGIT.DIGIT, and only 1 is spoken here"
  private static let connection =
    "RFC 9110 section 7.6.1: named fields go no further; those about framing and routing must not be named"

  /// Lines, whitespace and control characters that readers take differently.
  static let lines: [DifferentialCase] = [
    .init("every line ends in LF alone", "GET /a HTTP/1.1\nHost: a.test\n\n", expect: .refused, why: lineEnd),
    .init("the request line ends in LF alone", "GET /a HTTP/1.1\nHost: a.test\r\n\r\n", expect: .refused, why: lineEnd),
    .init(
      "a field ends in LF alone",
      "GET /a HTTP/1.1\r\nHost: a.test\nX-A: 1\r\n\r\n",
      expect: .refused,
      why: lineEnd
    ),
    .init("the empty line is LF alone", "GET /a HTTP/1.1\r\nHost: a.test\r\n\n", expect: .refused, why: lineEnd),
    .init("CR alone in a value", message("GET /a HTTP/1.1", "X-A: b\rc"), expect: .refused, why: bareCR),
    .init("CR alone before a name", message("GET /a HTTP/1.1", "\rX-A: b"), expect: .refused, why: bareCR),
    .init("CR alone for a line's end", "GET /a HTTP/1.1\rHost: a.test\r\n\r\n", expect: .refused, why: bareCR),
    .init("CR CR LF", message("GET /a HTTP/1.1", "X-A: b\r"), expect: .refused, why: bareCR),
    .init("NUL in a value", message("GET /a HTTP/1.1", "X-A: b\0c"), expect: .refused, why: control),
    .init("NUL in a name", message("GET /a HTTP/1.1", "X\0A: b"), expect: .refused, why: control),
    .init("NUL in the target", message("GET /a\0b HTTP/1.1"), expect: .refused, why: control),
    .init(
      "a control character in a value",
      message("GET /a HTTP/1.1", "X-A: b\u{1}c"),
      expect: .refused,
      why: "RFC 9110 section 5.5: field values hold no control characters; other than CR, LF and NUL they may be kept"
    ),
    .init(
      "DEL in a value",
      message("GET /a HTTP/1.1", "X-A: b\u{7f}c"),
      expect: .refused,
      why: "RFC 9110 section 5.5: field values hold no control characters; other than CR, LF and NUL they may be kept"
    ),
    .init(
      "one empty line before the request",
      "\r\n" + message("GET /a HTTP/1.1"),
      expect: .forwarded(["GET /a"]),
      why: "RFC 9112 section 2.2: at least one empty line is ignored"
    ),
    .init(
      "two empty lines before the request",
      "\r\n\r\n" + message("GET /a HTTP/1.1"),
      expect: .refused,
      why: "RFC 9112 section 2.2: one empty line should be ignored, and no more need be"
    ),
    .init(
      "an empty line between two requests",
      message("GET /a HTTP/1.1") + "\r\n" + message("GET /b HTTP/1.1"),
      expect: .forwarded(["GET /a", "GET /b"]),
      why: "RFC 9112 section 2.2: at least one empty line is ignored"
    ),
    .init("a space before the colon", message("GET /a HTTP/1.1", "X-A : 1"), expect: .refused, why: name),
    .init("a tab before the colon", message("GET /a HTTP/1.1", "X-A\t: 1"), expect: .refused, why: name),
    .init("a space before the colon of Content-Length", post("Content-Length : 3"), expect: .refused, why: name),
    .init(
      "a space before the colon of Transfer-Encoding",
      post("Transfer-Encoding : chunked", body: "0\r\n\r\n"),
      expect: .refused,
      why: name
    ),
    .init("a field folded over two lines", message("GET /a HTTP/1.1", "X-A: b\r\n c"), expect: .refused, why: folding),
    .init(
      "Transfer-Encoding folded",
      post("Transfer-Encoding:\r\n chunked", body: "0\r\n\r\n"),
      expect: .refused,
      why: folding
    ),
    .init(
      "Content-Length with its value on the next line",
      post("Content-Length:\r\n 3"),
      expect: .refused,
      why: folding
    ),
    .init(
      "Content-Length with its colon on the next line",
      post("Content-Length\r\n: 3"),
      expect: .refused,
      why: "RFC 9112 section 5: field-line is name and colon"
    ),
    .init("Content-Length behind a space", post(" Content-Length: 3"), expect: .refused, why: folding),
    .init(
      "a blank line before the first field",
      bare("GET /a HTTP/1.1", " X-A: 1", "Host: a.test"),
      expect: .refused,
      why: "RFC 9112 section 2.2: whitespace between the first line and the first field is refused"
    ),
    .init(
      "a line without a colon",
      message("GET /a HTTP/1.1", "nonsense"),
      expect: .refused,
      why: "RFC 9112 section 5: field-line is name and colon"
    ),
    .init(
      "an empty name",
      message("GET /a HTTP/1.1", ": 1"),
      expect: .refused,
      why: "RFC 9110 section 5.1: a name is a token"
    ),
    .init(
      "a name with a parenthesis",
      message("GET /a HTTP/1.1", "X(A): 1"),
      expect: .refused,
      why: "RFC 9110 section 5.1: a name is a token"
    ),
    .init(
      bytes: "a name beyond ASCII",
      "GET /a HTTP/1.1\r\nHost: a.test\r\nX-",
      [0xe9],
      ": 1\r\n\r\n",
      why: "RFC 9110 section 5.1: a name is a token"
    ),
    .init(
      "an underscore in a name",
      message("GET /a HTTP/1.1", "X_Custom: 1"),
      expect: .forwarded(["GET /a; x_custom: 1"]),
      why: "RFC 9110 section 5.1: `_` may be in a name; nginx drops such a field, for CGI reads it as `-`"
    ).with(\.watched, ["x_custom"]),
    .init(
      "a name that looks like X-Forwarded-For",
      message("GET /a HTTP/1.1", "X_Forwarded_For: 10.0.0.1"),
      expect: .refused,
      why:
        "RFC 9110 section 5.1: `_` may be in a name, but this one would pass for an address that the proxy vouches for"
    ).with(\.watched, ["x_forwarded_for"]),
    .init("two spaces behind the method", message("GET  /a HTTP/1.1"), expect: .refused, why: startLine),
    .init("two spaces before the version", message("GET /a  HTTP/1.1"), expect: .refused, why: startLine),
    .init("a tab behind the method", message("GET\t/a HTTP/1.1"), expect: .refused, why: startLine),
    .init("a space behind the version", message("GET /a HTTP/1.1 "), expect: .refused, why: startLine),
    .init("a space before the method", message(" GET /a HTTP/1.1"), expect: .refused, why: startLine),
    .init("a space in the target", message("GET /a b HTTP/1.1"), expect: .refused, why: startLine),
    .init("an empty target", message("GET  HTTP/1.1"), expect: .refused, why: startLine),
    .init("HTTP/0.9", "GET /a\r\n", expect: .refused, why: version),
    .init("HTTP/0.9 by name", message("GET /a HTTP/0.9"), expect: .refused, why: version),
    .init(
      "HTTP/1.2",
      message("GET /a HTTP/1.2"),
      expect: .forwarded(["GET /a"]),
      why: "RFC 9110 section 2.5: a higher minor version is read as the highest that is known"
    ),
    .init("HTTP/2.0", message("GET /a HTTP/2.0"), expect: .refused, why: version),
    .init("HTTP/1.10", message("GET /a HTTP/1.10"), expect: .refused, why: version),
    .init(
      "http/1.1",
      message("GET /a http/1.1"),
      expect: .refused,
      why: "RFC 9112 section 2.3: HTTP-name is case-sensitive"
    ),
    .init("HTTP/1,1", message("GET /a HTTP/1,1"), expect: .refused, why: version),
    .init("Connection names Host", message("GET /a HTTP/1.1", "Connection: Host"), expect: .refused, why: connection),
    .init(
      "Connection names Content-Length",
      post("Content-Length: 3", "Connection: Content-Length"),
      expect: .refused,
      why: connection
    ),
    .init(
      "Connection names a field",
      message("GET /a HTTP/1.1", "Connection: keep-alive, X-Hop", "X-Hop: 1", "X-End: 2"),
      expect: .forwarded(["GET /a; x-end: 2"]),
      why: connection
    ).with(\.watched, ["x-hop", "x-end"]),
    .init(
      "Connection names Authorization",
      message("GET /a HTTP/1.1", "Connection: Authorization", "Authorization: Basic YTpi"),
      expect: .forwarded(["GET /a; authorization: Basic YTpi"]),
      why:
        "RFC 9110 section 7.6.1: a field for all recipients must not be named; a client could strike what servers need"
    ).with(\.watched, ["authorization"]),
    .init(
      "fields for this hop alone",
      message("GET /a HTTP/1.1", "Keep-Alive: timeout=9", "Proxy-Connection: keep-alive", "TE: gzip"),
      expect: .forwarded(["GET /a"]),
      why: "RFC 9110 section 7.6.1: Keep-Alive, Proxy-Connection and TE go no further"
    ).with(\.watched, ["keep-alive", "proxy-connection", "te"]),
    .init(
      "101 fields",
      bare("GET /a HTTP/1.1", "Host: a.test", longFields(100, of: 1)),
      expect: .refused,
      why:
        "RFC 9110 section 5.4: each server sets its own bound; weft takes 100, and answers 431 (RFC 6585)"
    ),
    .init(
      "a head of 70 KiB",
      bare("GET /a HTTP/1.1", "Host: a.test", longFields(35, of: 2048)),
      expect: .refused,
      why: "RFC 9110 section 5.4: each server sets its own bound and answers 4xx; 431 is the status for it (RFC 6585)"
    ),
    .init(
      "a target of 9,000 bytes",
      message("GET /" + String(repeating: "t", count: 8999) + " HTTP/1.1"),
      expect: .refused,
      why: "RFC 9112 section 3: 414 for a target that is longer than the server wants"
    ),
    .init(
      "a method of 40 bytes",
      message(String(repeating: "M", count: 40) + " /a HTTP/1.1"),
      expect: .refused,
      why: "RFC 9112 section 3: 501 for a method that is longer than any"
    ),
    .init(
      "a faulty request behind a good one",
      message("GET /a HTTP/1.1") + message("GET /b HTTP/1.1", "X-A : 1"),
      expect: .refusedAfter(["GET /a"]),
      why: name
    ),
    DifferentialCase(
      "a body that never comes",
      message("POST /a HTTP/1.1", "Content-Length: 9"),
      expect: .exactly("408, closed"),
      why: "RFC 9110 section 15.5.9: 408 for a request that does not come whole in time"
    )
    .with(\.isProbed, false),
  ]

  init(bytes name: String, _ before: String, _ middle: [UInt8], _ after: String, why: String) {
    self.init(name, bytes: [Array(before.utf8) + middle + Array(after.utf8)], expect: .refused, why: why)
  }
}
