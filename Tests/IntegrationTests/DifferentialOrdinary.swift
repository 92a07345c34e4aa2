import WeftTestKit

extension DifferentialCase {
  private static let unchanged = "RFC 9110 section 7.6: a message goes on, and nobody may change what it means"
  static let reframed = "RFC 9112 section 6.1: each hop frames anew; nginx counts a body that it has whole already"

  /// What every client sends: all of it must go through.
  static let ordinary: [DifferentialCase] = [
    .init("GET", message("GET /a HTTP/1.1"), expect: .forwarded(["GET /a"]), why: unchanged),
    .init(
      "three requests in one write",
      message("GET /a HTTP/1.1") + message("POST /b HTTP/1.1", "Content-Length: 3", body: "abc")
        + message("GET /c HTTP/1.1"),
      expect: .forwarded(["GET /a", "POST /b + 3 bytes", "GET /c"]),
      why: "RFC 9112 section 9.3.2: pipelined requests are answered in order"
    ),
    .init(
      "POST with Content-Length",
      post("Content-Length: 5", body: "hello"),
      expect: .forwarded(["POST /a + 5 bytes"]),
      why: unchanged
    ),
    .init(
      "POST of nothing",
      message("POST /a HTTP/1.1", "Content-Length: 0"),
      expect: .forwarded(["POST /a + 0 bytes"]),
      why: unchanged
    ),
    .init(
      "POST without a length",
      message("POST /a HTTP/1.1"),
      expect: .forwarded(["POST /a"]),
      why: "RFC 9112 section 6.3: without either field there is no body"
    ),
    .init(
      "GET with a body",
      message("GET /a HTTP/1.1", "Content-Length: 5", body: "hello"),
      expect: .forwarded(["GET /a + 5 bytes"]),
      why: "RFC 9112 section 6: the framing does not depend on the method"
    ),
    .init(
      "PUT in chunks",
      message("PUT /a HTTP/1.1", "Transfer-Encoding: chunked", body: "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
      expect: .forwarded(["PUT /a + 5 bytes in chunks"]),
      why: reframed
    ),
    .init(
      "chunks with a trailer",
      post(
        "TE: trailers",
        "Transfer-Encoding: chunked",
        body: "3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n"
      ),
      expect: .forwarded(["POST /a + 3 bytes in chunks; trailer x-sum"]),
      why:
        "RFC 9110 section 6.5.1: trailers may be dropped, as nginx does; weft keeps those that frame or route nothing"
    ),
    .init(
      "chunk extensions",
      post(chunks: "3;a=b;c=\"d\"\r\nabc\r\n0;e\r\n\r\n"),
      expect: .forwarded(["POST /a + 3 bytes in chunks"]),
      why: reframed
    ),
    .init(
      "chunk sizes in capitals and with zeros in front",
      post(chunks: "00A\r\n0123456789\r\n000\r\n\r\n"),
      expect: .forwarded(["POST /a + 10 bytes in chunks"]),
      why: reframed
    ),
    DifferentialCase(
      "a body that waits for 100",
      message("POST /a HTTP/1.1", "Content-Length: 5", "Expect: 100-continue"),
      "hello",
      expect: .exactly("100 200, `POST /a + 5 bytes`, kept"),
      why: "RFC 9110 section 10.1.1: a proxy passes the expectation on, or answers 100 itself"
    ),
    .init(
      "a body that does not wait for 100",
      post("Content-Length: 5", "Expect: 100-continue", body: "hello"),
      expect: .forwarded(["POST /a + 5 bytes"]),
      why: "RFC 9110 section 10.1.1: 100 may be left out once the body is here; nginx says it all the same"
    ),
    DifferentialCase(
      "a body that is refused before it is sent, and sent all the same",
      message("POST /a HTTP/1.1", "Content-Length: 5", "Expect: 100-continue"),
      "hello",
      expect: .exactly("417, closed"),
      why: "RFC 9110 section 10.1.1: behind a final answer the body may come or not; who cannot tell must close"
    ).with(\.continuation, "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n"),
    .init(
      "an expectation nobody knows",
      post("Content-Length: 5", "Expect: tea", body: "hello"),
      expect: .forwarded(["POST /a + 5 bytes"]),
      why: "RFC 9110 section 10.1.1: a server may answer 417, and need not"
    ),
    DifferentialCase("HEAD", message("HEAD /a HTTP/1.1"), expect: .forwarded(["HEAD /a"]), why: unchanged)
      .with(\.isHead, true),
    .init("DELETE", message("DELETE /a HTTP/1.1"), expect: .forwarded(["DELETE /a"]), why: unchanged),
    .init(
      "OPTIONS of the whole server",
      message("OPTIONS * HTTP/1.1"),
      expect: .forwarded(["OPTIONS *"]),
      why: "RFC 9112 section 3.2.4: the asterisk form; nginx does not take it"
    ),
    .init(
      "a query with many marks",
      message("GET /a?b=c&d[]=%20;e?f/g|h HTTP/1.1"),
      expect: .forwarded(["GET /a?b=c&d[]=%20;e?f/g|h"]),
      why:
        "RFC 9112 section 3.2: an invalid target should be refused; browsers send `[`, `]` and `|`, which part nothing"
    ),
    .init(
      "Connection: close",
      message("GET /a HTTP/1.1", "Connection: close"),
      expect: .exactly("200, `GET /a`, closed"),
      why: "RFC 9112 section 9.6: no further request is answered"
    ),
    .init(
      "Connection: close, keep-alive",
      message("GET /a HTTP/1.1", "Connection: close, keep-alive"),
      expect: .exactly("200, `GET /a`, closed"),
      why: "RFC 9112 section 9.3: close outweighs keep-alive"
    ),
    .init(
      "HTTP/1.0",
      bare("GET /a HTTP/1.0", "Host: a.test"),
      expect: .exactly("200, `GET /a`, closed"),
      why: "RFC 9112 section 9.3: HTTP/1.0 closes unless it asks to be kept"
    ),
    .init(
      "HTTP/1.0 that asks to be kept",
      bare("GET /a HTTP/1.0", "Host: a.test", "Connection: keep-alive"),
      expect: .exactly("200, `GET /a`, kept"),
      why: "RFC 9112 section 9.3: a server may keep such a connection"
    ),
    .init(
      "HTTP/1.0 without Host",
      bare("GET /a HTTP/1.0"),
      expect: .exactly("200, `GET /a`, closed"),
      why: "RFC 9112 section 3.2: only HTTP/1.1 must say Host; HAProxy and nginx write one of their own or none"
    ),
    .init(
      "bytes beyond ASCII in a value",
      bytes: [Array("GET /a HTTP/1.1\r\nHost: a.test\r\nX-Name: ".utf8) + [0xe9, 0xfc] + Array("\r\n\r\n".utf8)],
      expect: .forwarded(["GET /a; x-name: ··"]),
      why: "RFC 9110 section 5.5: obs-text is opaque data"
    ).with(\.watched, ["x-name"]),
    .init(
      "an empty value",
      message("GET /a HTTP/1.1", "X-Empty:"),
      expect: .forwarded(["GET /a; x-empty: "]),
      why: "RFC 9110 section 5.5: a value may be empty"
    ).with(\.watched, ["x-empty"]),
    .init(
      "blanks around values",
      message("GET /a HTTP/1.1", "X-A:\t 1 \t", "X-B:2"),
      expect: .forwarded(["GET /a; x-a: 1; x-b: 2"]),
      why: "RFC 9110 section 5.5: blanks around a value are no part of it"
    ).with(\.watched, ["x-a", "x-b"]),
    .init(
      "the same field three times",
      message("GET /a HTTP/1.1", "X-A: 1", "X-B: 2", "X-A: 3", "X-A: 4"),
      expect: .forwarded(["GET /a; x-a: 1; x-a: 3; x-a: 4"]),
      why: "RFC 9110 section 5.3: the order of lines of one name is kept"
    ).with(\.watched, ["x-a"]),
    .init(
      "a method nobody knows",
      message("BREW /pot HTTP/1.1"),
      expect: .forwarded(["BREW /pot"]),
      why: "RFC 9110 section 9.1: any token is a method"
    ),
    .init(
      "a method of odd token characters",
      message("M-S!#$%&'*+.^_|~9 /a HTTP/1.1"),
      expect: .forwarded(["M-S!#$%&'*+.^_|~9 /a"]),
      why: "RFC 9110 section 9.1: any token is a method; nginx takes capitals, `-` and `_` only"
    ),
    .init(
      "a method in lower case",
      message("get /a HTTP/1.1"),
      expect: .forwarded(["get /a"]),
      why:
        "RFC 9110 section 9.1: methods are case-sensitive, and any token is one; nginx takes capitals, `-` and `_` only"
    ),
    .init(
      "ninety fields",
      bare("GET /a HTTP/1.1", "Host: a.test", (1...89).map { "X-\($0): \($0)" }.joined(separator: "\r\n")),
      expect: .forwarded(["GET /a"]),
      why: unchanged
    ),
    .init(
      "a head of 7 KiB",
      message("GET /a HTTP/1.1", "Cookie: " + String(repeating: "c", count: 7000)),
      expect: .forwarded(["GET /a"]),
      why: unchanged
    ),
    .init(
      "a head of 60 KiB in 30 fields",
      bare("GET /a HTTP/1.1", "Host: a.test", longFields(30, of: 2000)),
      expect: .forwarded(["GET /a"]),
      why: "RFC 9110 section 5.4: each server sets its own bound; weft's is 64 KiB, theirs 32 and 16 by default"
    ),
    .init(
      "a target of 8,000 bytes",
      message("GET /" + String(repeating: "t", count: 7999) + " HTTP/1.1"),
      expect: .forwarded(["GET /ttttttttttt… (8000 bytes)"]),
      why: "RFC 9112 section 3: a request line of 8,000 bytes should be supported"
    ),
    .init(
      "a body of 100 KiB",
      post("Content-Length: 102400", body: String(repeating: "b", count: 102_400)),
      expect: .forwarded(["POST /a + 102400 bytes"]),
      why: unchanged
    ),
  ]

  static func longFields(_ count: Int, of length: Int) -> String {
    (1...count).map { "X-\($0): " + String(repeating: "v", count: length) }.joined(separator: "\r\n")
  }
}
