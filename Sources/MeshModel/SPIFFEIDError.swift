/// Why a text is no identity or no trust domain.
public enum SPIFFEIDError: Error, Hashable, Sendable {
  /// It has this many bytes.
  case tooLong(Int)
  /// It does not begin with `spiffe://` in lower case.
  case noScheme
  /// Nothing stands where the trust domain should.
  case emptyTrustDomain
  /// The trust domain has this many bytes.
  case trustDomainTooLong(Int)
  /// This byte may not be in a trust domain: upper case, a port's colon, user information's `@`, `?`, `#`, `%` and more.
  case invalidTrustDomain(byte: UInt8)
  /// The path does not begin with a slash.
  case pathWithoutSlash
  /// Two slashes together, or one at the end.
  case emptySegment
  /// `.` or `..` as a segment.
  case dotSegment
  /// This byte may not be in a path: a query's `?`, a fragment's `#`, percent-encoding and more.
  case invalidPath(byte: UInt8)
}

extension SPIFFEIDError: CustomStringConvertible {
  /// One sentence: what is wrong and what would be right. The text itself is not repeated; a peer may have chosen it.
  public var description: String {
    switch self {
    case .tooLong(let count): "a SPIFFE ID of \(count) bytes is longer than the \(SPIFFEID.maxBytes) allowed"
    case .noScheme: "a SPIFFE ID begins with spiffe://"
    case .emptyTrustDomain: "the trust domain is empty"
    case .trustDomainTooLong(let count):
      "a trust domain of \(count) bytes is longer than the \(TrustDomain.maxBytes) allowed"
    case .invalidTrustDomain(let byte):
      "the trust domain has \(Self.name(byte)); it is of lower-case letters, digits, ., - and _"
    case .pathWithoutSlash: "the path of a SPIFFE ID begins with /"
    case .emptySegment: "the path has an empty segment or a / at its end"
    case .dotSegment: "the path has . or .. as a segment"
    case .invalidPath(let byte): "the path has \(Self.name(byte)); its segments are of letters, digits, ., - and _"
    }
  }

  /// A printable byte as it is, others by their number.
  private static func name(_ byte: UInt8) -> String {
    (0x21...0x7e).contains(byte) ? "\"\(Unicode.Scalar(byte))\"" : "the byte 0x" + String(byte, radix: 16)
  }
}
