/// The syntax of what documents say of requests, by which documents and snapshots are held alike. Each function tells
/// what is wrong with a text, as a clause, or nil where nothing is.
public enum HTTPSyntax {
  /// A header field's name: a token (RFC 9110 section 5.6.2).
  public static func fieldNameProblem(_ text: String) -> String? {
    if text.isEmpty { return "is empty" }
    if text.utf8.count > SnapshotLimits.maxFieldNameBytes {
      return "is longer than the \(SnapshotLimits.maxFieldNameBytes) bytes allowed"
    }
    return text.utf8.allSatisfy(isTokenByte) ? nil : "is not a header field's name (a token of RFC 9110)"
  }

  /// A header field's name that documents may set or take away: not one by which messages are framed or routed.
  public static func editedNameProblem(_ text: String) -> String? {
    if let problem = fieldNameProblem(text) { return problem }
    let name = text.lowercased()
    if name == "host" { return "is not for filters to change; write urlRewrite: {hostname: ...}" }
    return framingNames.contains(name) ? "frames messages and is the proxy's own; it cannot be changed" : nil
  }

  /// Fields that are about one connection or about where a message ends (RFC 9110 sections 7.6.1 and 8.6).
  private static let framingNames: Set<String> = [
    "connection", "content-length", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
  ]

  /// A header field's value (RFC 9110 section 5.5): visible text, spaces within.
  public static func fieldValueProblem(_ text: String) -> String? {
    if let problem = lengthProblem(text, SnapshotLimits.maxValueBytes) { return problem }
    guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else { return "holds a control character" }
    let edges = [text.utf8.first, text.utf8.last]
    return edges.contains(0x20) || edges.contains(0x09) ? "starts or ends with a space" : nil
  }

  /// A text to compare with: not empty, no control character, bounded.
  public static func textProblem(_ text: String) -> String? {
    if text.isEmpty { return "is empty" }
    if let problem = lengthProblem(text, SnapshotLimits.maxValueBytes) { return problem }
    return text.utf8.contains { $0 < 0x20 || $0 == 0x7f } ? "holds a control character" : nil
  }

  /// A path that is compared (Gateway API HTTPPathMatch): absolute and already in its shortest form, or no request
  /// would ever match.
  public static func pathProblem(_ text: String) -> String? {
    if let problem = replacementProblem(text) { return problem }
    for part in ["//", "/./", "/../"] where text.contains(part) { return "holds \"\(part)\", which no request has" }
    for end in ["/.", "/.."] where text.hasSuffix(end) { return "ends in \"\(end)\", which no request has" }
    return text.lowercased().contains("%2f") ? "holds an encoded slash, which no request may have" : nil
  }

  /// A path that is put in place of another.
  public static func replacementProblem(_ text: String) -> String? {
    if !text.hasPrefix("/") { return "does not start with \"/\"" }
    if let problem = lengthProblem(text, SnapshotLimits.maxPathBytes) { return problem }
    var bytes = text.utf8[...]
    while let byte = bytes.popFirst() {
      if byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#") { return "is more than a path: it has \"?\" or \"#\"" }
      if byte == UInt8(ascii: "%") {
        guard let high = bytes.popFirst(), let low = bytes.popFirst(), isHexDigit(high), isHexDigit(low) else {
          return "has a \"%\" without two hexadecimal digits"
        }
      } else if !isPathByte(byte) {
        return "holds a character that a path must encode (RFC 3986 section 3.3)"
      }
    }
    return nil
  }

  /// A regular expression, as far as can be said without compiling it.
  public static func patternProblem(_ text: String) -> String? {
    if text.isEmpty { return "is empty" }
    if let problem = lengthProblem(text, SnapshotLimits.maxPathBytes) { return problem }
    return text.utf8.contains(0) ? "holds a NUL" : nil
  }

  /// A method that Gateway API can match.
  public static func methodProblem(_ text: String) -> String? { methods.contains(text) ? nil : "is no method" }
  /// The methods that Gateway API can match.
  public static let methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]

  /// A host name: a DNS name in lower case, no address; `mayBeWild`: perhaps with `*.` before it.
  public static func hostnameProblem(_ text: String, mayBeWild: Bool = false) -> String? {
    if text.hasPrefix("*") {
      guard mayBeWild else { return "cannot have a wildcard here" }
      guard text.hasPrefix("*.") else { return "has a * that is not followed by a dot; wanted is *.example.com" }
    }
    let name = text.hasPrefix("*.") ? String(text.dropFirst(2)) : text
    if IPAddress(name) != nil { return "is an address; wanted is a name" }
    return LabelSyntax.isSubdomain(name)
      ? nil : "is not a host name: lower-case letters, digits, - and ., at most 253, without a port"
  }

  static func lengthProblem(_ text: String, _ limit: Int) -> String? {
    text.utf8.count > limit ? "is longer than the \(limit) bytes allowed" : nil
  }

  private static let tokenMarks = Set("!#$%&'*+-.^_`|~".utf8)
  private static let pathMarks = Set("/-._~!$&'()*+,;=:@".utf8)

  private static func isTokenByte(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || tokenMarks.contains(byte) }
  private static func isPathByte(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || pathMarks.contains(byte) }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    switch byte | 0x20 {
    case UInt8(ascii: "a")...UInt8(ascii: "f"): true
    default: (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
  }
}
