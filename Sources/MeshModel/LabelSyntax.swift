/// The syntax of names and labels in Kubernetes (apimachinery's `validation` rules), by which documents,
/// snapshots and options are held alike.
public enum LabelSyntax {
  /// Longest label value and longest name part of a label key, in bytes.
  public static let maxPartBytes = 63
  /// Longest prefix of a label key and longest object name: a DNS subdomain (RFC 1123), in bytes.
  public static let maxSubdomainBytes = 253

  /// A label key: an optional DNS subdomain and a slash, then up to 63 letters, digits, `-`, `_` and `.`
  /// that start and end with a letter or digit.
  public static func isKey(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    switch parts.count {
    case 1: return isPart(parts[0])
    case 2: return isSubdomain(String(parts[0]) ?? "") && isPart(parts[1])
    default: return false
    }
  }

  /// A label value: empty, or like the name part of a key.
  public static func isValue(_ text: String) -> Bool {
    text.isEmpty || isPart(Substring(text).utf8)
  }

  /// A DNS label (RFC 1123): lower-case letters, digits and `-`, at most 63; what a namespace is called.
  public static func isDNSLabel(_ text: String) -> Bool {
    isDNSLabel(Substring(text).utf8)
  }

  /// A DNS subdomain (RFC 1123): DNS labels joined by dots, at most 253 bytes; what an object is called.
  public static func isSubdomain(_ text: String) -> Bool {
    guard text.utf8.count <= maxSubdomainBytes else { return false }
    // Kubernetes bounds the whole here, not each label (IsDNS1123Subdomain), and so do we.
    return text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      .allSatisfy {
        isWord($0, inner: { isLowerAlphanumeric($0) || $0 == UInt8(ascii: "-") }, edge: isLowerAlphanumeric)
      }
  }

  private static func isDNSLabel(_ bytes: Substring.UTF8View) -> Bool {
    bytes.count <= maxPartBytes
      && isWord(bytes, inner: { isLowerAlphanumeric($0) || $0 == UInt8(ascii: "-") }, edge: isLowerAlphanumeric)
  }

  private static func isPart(_ bytes: Substring.UTF8View) -> Bool {
    bytes.count <= maxPartBytes
      && isWord(
        bytes,
        inner: { isAlphanumeric($0) || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains($0) },
        edge: isAlphanumeric
      )
  }

  /// Not empty, `edge` at both ends, `inner` throughout.
  private static func isWord(
    _ bytes: Substring.UTF8View,
    inner: (UInt8) -> Bool,
    edge: (UInt8) -> Bool
  ) -> Bool {
    guard let first = bytes.first, let last = bytes.last else { return false }
    return edge(first) && edge(last) && bytes.allSatisfy(inner)
  }

  private static func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isLowerAlphanumeric(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }
}
