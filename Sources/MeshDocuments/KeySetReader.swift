internal import Foundation
internal import MeshModel

/// Reads a JSON Web Key Set (RFC 7517 section 5): the keys that verify RS256 or ES256.
enum KeySetReader {
  private struct KeySet: Decodable {
    let keys: [Key]
  }

  /// Members we do not know pass (RFC 7517 section 4), since issuers add what they like.
  private struct Key: Decodable {
    let kty: String
    let kid: String?
    let use: String?
    let alg: String?
    let key_ops: [String]?
    let crv: String?
    let n: String?
    let e: String?
    let x: String?
    let y: String?
    let d: String?
  }

  /// Why a key is not taken.
  private enum Refusal: Error {
    /// It is for something else; the others count.
    case other(String)
    /// It is wrong.
    case wrong(String)
  }

  /// The keys that can be used; others are warned of, and none left is an error.
  static func read(_ bytes: [UInt8], _ field: Field) -> [JSONWebKey] {
    guard let set = try? JSONDecoder().decode(KeySet.self, from: Data(bytes)) else {
      field.error(
        "is not a JSON Web Key Set such as {\"keys\": [{\"kty\": \"RSA\", \"kid\": ..., \"n\": ..., \"e\": ...}]}"
      )
      return []
    }
    guard set.keys.count <= SnapshotLimits.maxTokenTerms else {
      field.error("has \(set.keys.count) keys, more than the \(SnapshotLimits.maxTokenTerms) allowed")
      return []
    }
    var keys: [JSONWebKey] = []
    var hasWrong = false
    for (index, key) in set.keys.enumerated() {
      let label = "keys[\(index)]" + (key.kid.map { " \"\($0)\"" } ?? "")
      do throws(Refusal) {
        keys.append(try read(key))
      } catch {
        switch error {
        case .other(let reason): field.warning("\(label) is left out: \(reason)")
        case .wrong(let reason):
          hasWrong = true
          field.error("\(label) \(reason)")
        }
      }
    }
    if keys.isEmpty, !hasWrong { field.error("has no key that verifies RS256 or ES256") }
    return keys
  }

  private static func read(_ key: Key) throws(Refusal) -> JSONWebKey {
    if key.d != nil { throw .wrong("is a private key; publish the public one, and replace this pair") }
    if let use = key.use, use != "sig" { throw .other("its use is \"\(use)\", not \"sig\"") }
    if let operations = key.key_ops, !operations.contains("verify") { throw .other("its key_ops lack \"verify\"") }
    let material: JSONWebKey.Material
    switch key.kty {
    case "RSA":
      guard key.alg ?? "RS256" == "RS256" else { throw .other("its alg is \"\(key.alg ?? "")\", not RS256") }
      material = .rsa(modulus: try bytes("n", key.n), exponent: try bytes("e", key.e))
    case "EC":
      guard key.crv == "P-256" else { throw .other("its curve is \"\(key.crv ?? "")\", not P-256") }
      guard key.alg ?? "ES256" == "ES256" else { throw .other("its alg is \"\(key.alg ?? "")\", not ES256") }
      material = .p256(x: try bytes("x", key.x), y: try bytes("y", key.y))
    default:
      throw .other("its kty is \"\(key.kty)\", neither RSA nor EC")
    }
    let read = JSONWebKey(id: key.kid ?? "", material)
    if let problem = read.problem { throw .wrong(problem) }
    return read
  }

  private static func bytes(_ name: String, _ text: String?) throws(Refusal) -> [UInt8] {
    guard let text else { throw .wrong("lacks \(name)") }
    guard let bytes = Base64URL.decode(text.utf8), !bytes.isEmpty else {
      throw .wrong("has \(name) that is not base64url without padding (RFC 7515 section 2)")
    }
    return bytes
  }
}
