internal import Policy

/// A token taken apart (RFC 7515 section 7.1: header, payload and signature), believed in nothing yet.
struct CompactToken {
  /// `alg` of the header.
  let algorithm: String
  /// `kid` of the header; nil where it has none.
  let keyID: String?
  /// The claims.
  let payload: ClaimValue
  /// What is signed: header and payload as they came, with the dot between them.
  let signed: UnsafeRawBufferPointer
  /// The payload as it came, in base64url.
  let payloadText: UnsafeRawBufferPointer
  /// The signature's bytes.
  let signature: [UInt8]

  /// Takes `token` apart; the bytes must outlive the result.
  init(_ token: UnsafeRawBufferPointer) throws(TokenFault) {
    guard token.count <= TokenLimit.bytes else { throw .tooLong }
    guard let first = token.firstIndex(of: Self.dot) else { throw .malformed }
    let rest = token[(first + 1)...]
    // A third dot would be encryption (RFC 7516), or nonsense; base64url has no dot and refuses it below.
    guard let second = rest.firstIndex(of: Self.dot) else { throw .malformed }
    payloadText = UnsafeRawBufferPointer(rebasing: rest[..<second])
    signed = UnsafeRawBufferPointer(rebasing: token[..<second])
    guard let signature = Base64URL.decode(UnsafeRawBufferPointer(rebasing: rest[(second + 1)...])),
      !signature.isEmpty
    else { throw .malformed }
    self.signature = signature
    let header = try Self.object(UnsafeRawBufferPointer(rebasing: token[..<first]))
    guard header["crit"] == nil else { throw .criticalHeader }
    guard let algorithm = header["alg"]?.text else { throw .malformed }
    self.algorithm = algorithm
    switch header["kid"] {
    case nil: keyID = nil
    case .text(let text)?: keyID = text
    default: throw .malformed
    }
    payload = try Self.object(payloadText)
  }

  private static let dot = UInt8(ascii: ".")

  private static func object(_ part: UnsafeRawBufferPointer) throws(TokenFault) -> ClaimValue {
    guard let bytes = Base64URL.decode(part) else { throw .malformed }
    let value = bytes.withUnsafeBytes { try? JSONReader.read($0) }
    guard let value, case .object = value else { throw .malformed }
    return value
  }
}
