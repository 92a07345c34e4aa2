import Foundation
import WeftTestKit

/// Somebody who issues JSON Web Tokens (RFC 7519), with a key that the openssl command line makes.
struct TokenIssuer {
  static let name = "https://issuer.test"

  /// How tokens are signed (RFC 7518 section 3.1).
  enum Algorithm: String, CaseIterable {
    /// RSA with a key of 2,048 bits.
    case rs256 = "RS256"
    /// ECDSA on the curve P-256.
    case es256 = "ES256"
  }

  let algorithm: Algorithm
  private let files: TemporaryDirectory
  private var key: String { files.file("key.pem") }

  init(_ algorithm: Algorithm = .rs256) throws {
    self.algorithm = algorithm
    files = try TemporaryDirectory()
    let make =
      switch algorithm {
      case .rs256: ["genrsa", "-out", key, "2048"]
      case .es256: ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key]
      }
    try Command("openssl", make).run().orThrow()
  }

  /// The public key as a JSON Web Key Set.
  func keySet() throws -> String {
    let parameters =
      switch algorithm {
      case .rs256: "\"kty\": \"RSA\", \"n\": \"\(Self.base64URL(try modulus()))\", \"e\": \"AQAB\""
      case .es256: try pointParameters()
      }
    return "{\"keys\": [{\"kid\": \"one\", \(parameters)}]}"
  }

  private func modulus() throws -> [UInt8] {
    let text = try Command("openssl", ["rsa", "-in", key, "-noout", "-modulus"]).run().orThrow().output
    let digits = Array(text.split(separator: "=").last?.filter(\.isHexDigit) ?? "")
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
  }

  /// The last 64 bytes of the key in DER are the point, uncompressed: x and y (RFC 5480 section 2.2).
  private func pointParameters() throws -> String {
    let file = files.file("public.der")
    try Command("openssl", ["ec", "-in", key, "-pubout", "-outform", "DER", "-out", file]).run().orThrow()
    let point = try bytes(of: file).suffix(64)
    let (x, y) = (Self.base64URL(point.prefix(32)), Self.base64URL(point.suffix(32)))
    return "\"kty\": \"EC\", \"crv\": \"P-256\", \"x\": \"\(x)\", \"y\": \"\(y)\""
  }

  /// A token of these claims, besides issuer and time; `validFor_s` below 0 makes one that has expired.
  func token(_ claims: String = "\"sub\": \"alice\"", validFor_s: Int = 600, issuer: String = name) throws -> String {
    let expires = Int(Date().timeIntervalSince1970) + validFor_s
    let head = Self.base64URL("{\"alg\": \"\(algorithm.rawValue)\", \"kid\": \"one\"}".utf8)
    let body = Self.base64URL("{\"iss\": \"\(issuer)\", \"exp\": \(expires), \(claims)}".utf8)
    let signed = try files.write("signed", "\(head).\(body)")
    let signature = files.file("signature")
    try Command("openssl", ["dgst", "-sha256", "-sign", key, "-out", signature, signed]).run().orThrow()
    let bytes = try bytes(of: signature)
    return "\(head).\(body).\(Self.base64URL(algorithm == .es256 ? Self.joined(bytes) : bytes))"
  }

  /// The two numbers of an ECDSA signature in DER, which openssl writes, side by side in 32 bytes each, as a token has
  /// them (RFC 7518 section 3.4).
  private static func joined(_ der: [UInt8]) -> [UInt8] {
    var rest = der.dropFirst(2)
    return (0..<2).flatMap { _ in
      let count = Int(rest.dropFirst().first ?? 0)
      let digits = rest.dropFirst(2).prefix(count)
      rest = rest.dropFirst(2 + count)
      return [UInt8](repeating: 0, count: max(0, 32 - count)) + digits.suffix(32)
    }
  }

  private func bytes(of file: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: file)))
  }

  static func base64URL(_ bytes: some Sequence<UInt8>) -> String {
    Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }
}
