import Foundation
import WeftTestKit

/// Somebody who issues JSON Web Tokens (RFC 7519), with a key of RSA that the openssl command line makes.
struct TokenIssuer {
  static let name = "https://issuer.test"

  private let files: TemporaryDirectory
  private var key: String { files.file("key.pem") }

  init() throws {
    files = try TemporaryDirectory()
    try Command("openssl", ["genrsa", "-out", files.file("key.pem"), "2048"]).run().orThrow()
  }

  /// The public key as a JSON Web Key Set.
  func keySet() throws -> String {
    let text = try Command("openssl", ["rsa", "-in", key, "-noout", "-modulus"]).run().orThrow().output
    let digits = Array(text.split(separator: "=").last?.filter(\.isHexDigit) ?? "")
    let modulus = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
      UInt8(String(digits[$0...$0 + 1]), radix: 16)
    }
    return "{\"keys\": [{\"kty\": \"RSA\", \"kid\": \"one\", \"n\": \"\(Self.base64URL(modulus))\", \"e\": \"AQAB\"}]}"
  }

  /// A token of these claims, besides issuer and time; `validFor_s` below 0 makes one that has expired.
  func token(_ claims: String = "\"sub\": \"alice\"", validFor_s: Int = 600, issuer: String = name) throws -> String {
    let expires = Int(Date().timeIntervalSince1970) + validFor_s
    let head = Self.base64URL(Array("{\"alg\": \"RS256\", \"kid\": \"one\"}".utf8))
    let body = Self.base64URL(Array("{\"iss\": \"\(issuer)\", \"exp\": \(expires), \(claims)}".utf8))
    let signed = try files.write("signed", "\(head).\(body)")
    let signature = files.file("signature")
    try Command("openssl", ["dgst", "-sha256", "-sign", key, "-out", signature, signed]).run().orThrow()
    return "\(head).\(body).\(Self.base64URL(Array(try Data(contentsOf: URL(fileURLWithPath: signature)))))"
  }

  private static func base64URL(_ bytes: [UInt8]) -> String {
    Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }
}
