internal import Foundation
internal import MeshModel

/// For whom a JWT-SVID is: at least one, each as it stands.
public struct JWTAudiences: Hashable, Sendable {
  /// Audiences of one token: those who are asked with the same one share its power, so they are few.
  public static let limit = 16
  /// Bytes of all of them: two SPIFFE IDs at their longest.
  public static let maxBytes = 2 * SPIFFEID.maxBytes

  /// In the order of their bytes, each once.
  public let names: [String]
  /// What tells them apart: texts are equal to Swift where accents are only written otherwise.
  private let bytes: [[UInt8]]

  /// Nil for none, an empty one, control characters, or more than fits.
  public init?(_ names: [String]) {
    guard names.count <= Self.limit else { return nil }
    let all = Set(names.map { Array($0.utf8) })
    guard !all.isEmpty, !all.contains([]), all.reduce(0, { $0 + $1.count }) <= Self.maxBytes,
      all.joined().allSatisfy({ $0 >= 0x20 && $0 != 0x7f })
    else { return nil }
    bytes = all.sorted { $0.lexicographicallyPrecedes($1) }
    self.names = bytes.map { String(decoding: $0, as: UTF8.self) }
  }

  /// By their bytes.
  public static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }

  /// By their bytes.
  public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

/// The protected header (JWT-SVID section 2).
struct JWTHeader: Codable {
  let alg: String
  let kid: String?
  let typ: String?
  /// What must be understood (RFC 7515 section 4.1.11): nothing is.
  let crit: [String]?

  init(keyID: String) { (alg, kid, typ, crit) = (Self.algorithm, keyID, "JWT", nil) }

  /// ECDSA with P-256 and SHA-256, the only one that keys of a mesh sign with.
  static let algorithm = "ES256"

  var part: String { encodedPart(self) }
}

/// The claims that a JWT-SVID must have (JWT-SVID section 3), and when it was signed.
struct JWTClaims: Encodable {
  let sub: String
  let aud: [String]
  let iat: Int64
  let exp: Int64

  init(_ id: SPIFFEID, for audiences: JWTAudiences, now_s: Int64) {
    sub = id.description
    aud = audiences.names
    // Verifiers that are not ours tolerate no skew; certificates begin as much before.
    iat = now_s - AuthorityTiming.leafBackdate_s
    exp = now_s + AuthorityTiming.jwtLife_s
  }

  var expires_s: Int64 { exp }

  var part: String { encodedPart(self) }
}

/// Claims of a token that came from elsewhere. Its numbers may have fractions (RFC 7519 section 2, NumericDate).
struct ReadJWTClaims: Decodable {
  let sub: String
  let aud: Audience
  let exp: Double
  let nbf: Double?
  let iat: Double?

  /// One, or a list (RFC 7519 section 4.1.3).
  struct Audience: Decodable {
    let names: [String]

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      names = if let one = try? value.decode(String.self) { [one] } else { try value.decode([String].self) }
    }
  }
}

/// A part of a token: the JSON of a value in one order, as base64url.
private func encodedPart(_ value: some Encodable) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  // Of texts and numbers, which JSON has for every value.
  guard let json = try? encoder.encode(value) else { preconditionFailure("a token's part is no JSON") }
  return Base64URL.encode(Array(json))
}
