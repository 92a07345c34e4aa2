/// Who a workload, a host or a trust domain is: `spiffe://<trust domain>[/<segment>...]` (SPIFFE-ID section 2).
///
/// Nothing is normalised: a text is an identity exactly as it stands, or it is refused.
public struct SPIFFEID: Hashable, Sendable, CustomStringConvertible {
  /// Longest text, in bytes (SPIFFE-ID section 2.3).
  public static let maxBytes = 2048

  /// What every identity begins with.
  public static let scheme = "spiffe://"

  /// Who vouches for it.
  public let trustDomain: TrustDomain
  /// The rest, from its first slash on; empty for the trust domain itself.
  public let path: String

  /// Reads the text of an identity.
  public init(_ text: String) throws(SPIFFEIDError) {
    guard text.utf8.count <= Self.maxBytes else { throw .tooLong(text.utf8.count) }
    guard text.utf8.starts(with: Self.scheme.utf8) else { throw .noScheme }
    let rest = text.utf8.dropFirst(Self.scheme.utf8.count)
    let slash = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
    // Where the bytes are cut at ASCII, both parts are whole texts.
    let domain = try TrustDomain(String(Substring(rest[..<slash])))
    try self.init(trustDomain: domain, path: String(Substring(rest[slash...])))
  }

  /// An identity of its parts: the path empty, or each segment behind a slash.
  public init(trustDomain: TrustDomain, path: String) throws(SPIFFEIDError) {
    let count = Self.scheme.utf8.count + trustDomain.name.utf8.count + path.utf8.count
    guard count <= Self.maxBytes else { throw .tooLong(count) }
    try Self.check(path: path)
    self.trustDomain = trustDomain
    self.path = path
  }

  /// The identity of a trust domain, which certificates of authorities carry.
  public init(of trustDomain: TrustDomain) {
    self.trustDomain = trustDomain
    self.path = ""
  }

  /// The text.
  public var description: String { Self.scheme + trustDomain.name + path }

  private static func check(path: String) throws(SPIFFEIDError) {
    guard !path.isEmpty else { return }
    guard path.utf8.first == UInt8(ascii: "/") else { throw .pathWithoutSlash }
    for segment in path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      guard !segment.isEmpty else { throw .emptySegment }
      for byte in segment where !allows(byte) { throw .invalidPath(byte: byte) }
      guard !segment.elementsEqual(".".utf8), !segment.elementsEqual("..".utf8) else { throw .dotSegment }
    }
  }

  private static func allows(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
    default: false
    }
  }
}

extension SPIFFEID: Comparable {
  /// By trust domain, then by path.
  public static func < (left: Self, right: Self) -> Bool {
    guard left.trustDomain == right.trustDomain else { return left.trustDomain < right.trustDomain }
    return left.path.utf8.lexicographicallyPrecedes(right.path.utf8)
  }
}
