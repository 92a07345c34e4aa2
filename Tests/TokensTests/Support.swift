import HTTP1
import MeshModel
import Policy
import Testing

@testable import Tokens

/// When most vectors are valid: between their `nbf` and `exp`.
let noon: Int64 = 1_700_001_800

/// The bytes of a JSON Web Key's number.
func number(_ text: String) -> [UInt8] { text.utf8Bytes { Base64URL.decode($0) ?? [] } }

extension JSONWebKey {
  static var rsa: JSONWebKey { JSONWebKey(id: "rsa-1", .rsa(modulus: number(Vectors.modulus), exponent: [1, 0, 1])) }
  static var ec: JSONWebKey { JSONWebKey(id: "ec-1", .p256(x: number(Vectors.x), y: number(Vectors.y))) }
  static var otherEC: JSONWebKey {
    JSONWebKey(id: "ec-2", .p256(x: number(Vectors.otherX), y: number(Vectors.otherY)))
  }
}

extension RequestAuthentication.Rule {
  /// A rule of the vectors' issuer.
  static func example(
    audiences: [String] = [],
    keys: [JSONWebKey] = [.rsa, .ec],
    fromHeaders: [RequestAuthentication.HeaderLocation] = [],
    fromParameters: [String] = []
  ) -> RequestAuthentication.Rule {
    RequestAuthentication.Rule(
      issuer: "https://id.example",
      audiences: audiences,
      keys: keys,
      fromHeaders: fromHeaders,
      fromParameters: fromParameters
    )
  }
}

extension TokenVerifier {
  /// The rules of one document for the workload without labels.
  convenience init(_ rules: [RequestAuthentication.Rule]) {
    self.init([RequestAuthentication(namespace: "default", name: "tokens", rules: rules)], for: .unlabelled)
  }

  func fault(_ token: String, now_s: Int64 = noon) -> TokenFault? {
    guard case .refused(let fault) = token.utf8Bytes({ verify($0, now_s: now_s) }) else { return nil }
    return fault
  }

  func token(_ token: String, now_s: Int64 = noon) -> VerifiedToken? {
    guard case .valid(let token, _) = token.utf8Bytes({ verify($0, now_s: now_s) }) else { return nil }
    return token
  }
}

extension String {
  func utf8Bytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try Array(utf8).withUnsafeBytes(body)
  }
}

/// Calls `body` with the parsed head of a request of these lines.
func withHead<Result>(
  _ target: String,
  _ fields: [String] = [],
  _ body: (borrowing RequestHead) throws -> Result
) throws -> Result {
  let text = (["GET \(target) HTTP/1.1", "Host: web"] + fields).joined(separator: "\r\n") + "\r\n\r\n"
  return try text.utf8Bytes { bytes in
    var head = RequestHead()
    guard case .whole = head.parse(bytes) else { throw NotAHead() }
    return try body(head)
  }
}

struct NotAHead: Error {}
