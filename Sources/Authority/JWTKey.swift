internal import Crypto
internal import MeshModel

/// The public half of a key by which an authority signs JWT-SVIDs: P-256, for ES256 (RFC 7518 section 3.4).
public struct JWTKey: Hashable, Sendable {
  /// The point, X9.63 uncompressed: one byte 4, then both coordinates.
  public let publicKey: [UInt8]
  /// The thumbprint of RFC 7638, base64url: whoever has the key comes to the same name for it.
  public let id: String

  /// Nil for what is no point of P-256.
  public init?(_ publicKey: [UInt8]) {
    guard OwnerKey(publicKey) != nil else { return nil }
    self.init(point: publicKey)
  }

  init(_ key: CertificateKey) { self.init(point: key.publicBytes) }

  private init(point: [UInt8]) {
    publicKey = point
    // The required members alone, in the order of their names, without blanks (RFC 7638 section 3).
    let (x, y) = Self.coordinates(point)
    id = Base64URL.encode(sha256(Array(#"{"crv":"P-256","kty":"EC","x":"\#(x)","y":"\#(y)"}"#.utf8)))
  }

  /// As a JSON Web Key of a SPIFFE bundle (SPIFFE Trust Domain and Bundle section 4.2).
  var json: String {
    let (x, y) = Self.coordinates(publicKey)
    return #"{"kty":"EC","use":"jwt-svid","kid":"\#(id)","crv":"P-256","x":"\#(x)","y":"\#(y)"}"#
  }

  /// Whether the key signed `message`; the signature is both numbers, 32 bytes each.
  func verify(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    OwnerKey(publicKey)?.verify(signature, of: message) ?? false
  }

  private static func coordinates(_ point: [UInt8]) -> (x: String, y: String) {
    (Base64URL.encode(Array(point[1..<33])), Base64URL.encode(Array(point[33..<65])))
  }
}

/// The keys by which a trust domain's JWT-SVIDs are verified, as programs read them.
public enum JWTBundle {
  /// Seconds after which a reader should look again: what SPIRE says. Keys are there a day before they sign.
  private static let refresh_s = 300

  /// A JSON Web Key Set (RFC 7517 section 5), in the order of the keys' names.
  public static func document(_ keys: Set<JWTKey>) -> [UInt8] {
    let all = keys.sorted { $0.id < $1.id }.map(\.json).joined(separator: ",")
    return Array(#"{"keys":[\#(all)],"spiffe_refresh_hint":\#(refresh_s)}"#.utf8)
  }
}
