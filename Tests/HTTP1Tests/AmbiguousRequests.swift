import HTTP1
import Testing

/// A message that two readers could understand in two ways, or that one should not be asked to.
struct AmbiguousMessage: CustomTestStringConvertible {
  let name: String
  let text: String
  let fault: HeadFault

  init(_ name: String, _ fault: HeadFault, _ text: String) {
    self.name = name
    self.text = text
    self.fault = fault
  }

  var testDescription: String { name }
  /// One byte for each character, so that a test can write any byte as "\u{ff}".
  var bytes: [UInt8] { text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }
}

/// Requests that are refused, each with the reason it must be refused for.
enum AmbiguousRequests {
  static let all = lines + targets + fields + framing + hosts + connections

  private static func fields(_ lines: String, host: String = "Host: a\r\n") -> String {
    "POST / HTTP/1.1\r\n\(host)\(lines)\r\n"
  }

  static let lines: [AmbiguousMessage] = [
    .init("request line ends in LF alone", .bareLF, "GET / HTTP/1.1\nHost: a\r\n\r\n"),
    .init("request line ends in CR alone", .bareCR, "GET / HTTP/1.1\rHost: a\r\n\r\n"),
    .init("two empty lines before the request", .emptyLine, "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("LF before the request", .bareLF, "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("CR before the request", .bareCR, "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("space before the method", .startLineWhitespace, " GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("no method", .malformedMethod, "\"/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("method with a slash", .malformedMethod, "GET/ / HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("method with a colon", .malformedMethod, "GET: / HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("method with NUL", .controlCharacter, "GE\0T / HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("method beyond ASCII", .malformedMethod, "G\u{c9}T / HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("method of 33 bytes", .methodTooLong, String(repeating: "M", count: 33) + " / HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("method alone", .malformedMethod, "GET\r\nHost: a\r\n\r\n"),
    .init("tab behind the method", .startLineWhitespace, "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("two spaces behind the method", .startLineWhitespace, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("tab behind the target", .startLineWhitespace, "GET /\tHTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("two spaces behind the target", .malformedVersion, "GET /  HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("space in the target", .malformedVersion, "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("space behind the version", .malformedVersion, "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"),
    .init("no version, as in HTTP/0.9", .missingVersion, "GET /\r\n\r\n"),
    .init("version 0.9", .unsupportedVersion, "GET / HTTP/0.9\r\nHost: a\r\n\r\n"),
    .init("version 2.0", .unsupportedVersion, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
    .init("the HTTP/2 preface", .targetForm, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    .init("version in lower case", .malformedVersion, "GET / http/1.1\r\nHost: a\r\n\r\n"),
    .init("version without minor digit", .malformedVersion, "GET / HTTP/1\r\nHost: a\r\n\r\n"),
    .init("version with two minor digits", .malformedVersion, "GET / HTTP/1.10\r\nHost: a\r\n\r\n"),
    .init("version with two major digits", .malformedVersion, "GET / HTTP/11.1\r\nHost: a\r\n\r\n"),
    .init("version with a comma", .malformedVersion, "GET / HTTP/1,1\r\nHost: a\r\n\r\n"),
    .init("version of another name", .malformedVersion, "GET / HTTPS/1.1\r\nHost: a\r\n\r\n"),
    .init("version with a sign", .malformedVersion, "GET / HTTP/1.+\r\nHost: a\r\n\r\n"),
  ]

  static let targets: [AmbiguousMessage] = [
    .init("target with NUL", .controlCharacter, "GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("target with DEL", .controlCharacter, "GET /a\u{7f}b HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("target with a vertical tab", .controlCharacter, "GET /a\u{b}b HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("target beyond ASCII", .targetCharacter, "GET /\u{e4} HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("query beyond ASCII", .targetCharacter, "GET /?\u{e4} HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("target with a fragment", .fragment, "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("query with a fragment", .fragment, "GET /a?b#c HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("target without slash", .targetForm, "GET a HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("target that is a query", .targetForm, "GET ?a HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("target that is an authority", .targetForm, "GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("scheme without authority", .targetForm, "GET http:/a HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("scheme of nothing", .targetForm, "GET ://a HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("asterisk with GET", .targetForm, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("asterisk with more", .targetForm, "OPTIONS *a HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("asterisk with a query", .targetForm, "OPTIONS *?a HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("https in clear", .scheme, "GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("another scheme", .scheme, "GET file:///etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("absolute with userinfo", .userinfo, "GET http://b@a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("absolute with user and password", .userinfo, "GET http://b:c@a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("absolute without host", .authority, "GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("absolute with a port alone", .authority, "GET http://:80/a HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("absolute with a backslash for a slash", .authority, "GET http://a\\b/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("absolute with an escape in the host", .authority, "GET http://a%2eb/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("absolute with an empty port", .port, "GET http://a:/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("absolute with a fragment", .fragment, "GET http://a#b HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("CONNECT with a path", .targetForm, "CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("CONNECT without port", .port, "CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("CONNECT with an empty port", .port, "CONNECT a: HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("CONNECT with a path behind the port", .port, "CONNECT a:80/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("CONNECT with a query", .port, "CONNECT a:80?b HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("CONNECT with userinfo", .userinfo, "CONNECT b@a:80 HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("CONNECT with an absolute target", .port, "CONNECT http://a:80 HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("target of 8193 bytes", .targetTooLong, "GET /\(String(repeating: "a", count: 8192)) HTTP/1.1\r\n\r\n"),
    .init("query of 8193 bytes", .targetTooLong, "GET /?\(String(repeating: "a", count: 8192)) HTTP/1.1\r\n\r\n"),
  ]

  static let fields: [AmbiguousMessage] = [
    .init("field ends in LF alone", .bareLF, fields("A: b\nContent-Length: 3\r\n")),
    .init("field ends in CR alone", .bareCR, fields("A: b\rContent-Length: 3\r\n")),
    .init("CR within a value", .bareCR, fields("A: b\rc\r\n")),
    .init("two CRs before LF", .bareCR, fields("A: b\r\r\n")),
    .init("head ends in LF alone", .bareLF, "GET / HTTP/1.1\r\nHost: a\r\n\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("head ends in CR alone", .bareCR, "GET / HTTP/1.1\r\nHost: a\r\n\rA: b\r\n\r\n"),
    .init("NUL in a value", .controlCharacter, fields("A: b\0c\r\n")),
    .init("NUL in a name", .controlCharacter, fields("A\0: b\r\n")),
    .init("DEL in a value", .controlCharacter, fields("A: b\u{7f}\r\n")),
    .init("escape in a value", .controlCharacter, fields("A: \u{1b}[31m\r\n")),
    .init("vertical tab before a value", .controlCharacter, fields("Content-Length:\u{b}3\r\n")),
    .init("value folded with a space", .lineFolding, fields("A: b\r\n c\r\n")),
    .init("value folded with a tab", .lineFolding, fields("A: b\r\n\tc\r\n")),
    .init("folded Transfer-Encoding", .lineFolding, fields("Transfer-Encoding:\r\n chunked\r\n")),
    .init("line of blanks alone", .lineFolding, fields(" \r\n")),
    .init("space before the first field", .leadingWhitespace, fields("", host: " Host: a\r\n")),
    .init("tab before the first field", .leadingWhitespace, fields("", host: "\tHost: a\r\n")),
    .init("space before the colon", .spaceBeforeColon, fields("Content-Length : 3\r\n")),
    .init("tab before the colon", .spaceBeforeColon, fields("Transfer-Encoding\t: chunked\r\n")),
    .init("space within a name", .spaceBeforeColon, fields("Content Length: 3\r\n")),
    .init("empty name", .malformedFieldName, fields(": b\r\n")),
    .init("line without colon", .malformedFieldName, fields("Content-Length\r\n")),
    .init("line without colon that ends in LF", .bareLF, fields("Content-Length\n")),
    .init("name with a parenthesis", .malformedFieldName, fields("A(b): c\r\n")),
    .init("name with a slash", .malformedFieldName, fields("A/b: c\r\n")),
    .init("name in quotes", .malformedFieldName, fields("\"Host\": c\r\n")),
    .init("name beyond ASCII", .malformedFieldName, fields("Host\u{a0}: c\r\n")),
    .init("second colon before the name", .malformedFieldName, fields(":method: GET\r\n")),
    .init("x_forwarded_for", .underscoreShadow, fields("x_forwarded_for: 1.2.3.4\r\n")),
    .init("x-forwarded_for", .underscoreShadow, fields("x-forwarded_for: 1.2.3.4\r\n")),
    .init("X_Forwarded_Client_Cert", .underscoreShadow, fields("X_Forwarded_Client_Cert: By=a\r\n")),
    .init("x_forwarded_port, a member we do not know", .underscoreShadow, fields("x_forwarded_port: 1\r\n")),
    .init("x_request_id", .underscoreShadow, fields("x_request_id: 1\r\n")),
    .init("l5d_client_id", .underscoreShadow, fields("l5d_client_id: a\r\n")),
    .init("x_weft_hops", .underscoreShadow, fields("x_weft_hops: 0\r\n")),
    .init("x_b3_traceid", .underscoreShadow, fields("x_b3_traceid: 1\r\n")),
    .init("x_real_ip", .underscoreShadow, fields("x_real_ip: 1.2.3.4\r\n")),
    .init("content_length", .underscoreShadow, fields("content_length: 3\r\n")),
    .init("Transfer_Encoding", .underscoreShadow, fields("Transfer_Encoding: chunked\r\n")),
    .init("101 fields", .tooManyFields, fields(String(repeating: "A: b\r\n", count: 100))),
    .init("head of 64 KiB", .headTooLarge, fields("A: \(String(repeating: "b", count: 65_536))\r\n")),
  ]
}
