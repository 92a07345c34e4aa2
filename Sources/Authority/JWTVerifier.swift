internal import Foundation
public import MeshModel

/// Whom a JWT-SVID is about, once it was verified.
public struct VerifiedJWT: Hashable, Sendable {
  /// The workload.
  public let spiffeID: SPIFFEID
  /// All claims, as JSON.
  public let claims: [UInt8]
}

/// Verifies JWT-SVIDs of one trust domain (JWT-SVID section 5). Only ES256 is taken, since no other key is in the bundle.
public struct JWTVerifier: Sendable {
  /// Bytes of a token: an identity and audiences at their longest, escaped and in base64url, and room for other claims.
  public static let maxBytes = 16 << 10

  private let trustDomain: TrustDomain
  private let keys: [String: JWTKey]

  /// A verifier by these keys.
  public init(_ trustDomain: TrustDomain, keys: Set<JWTKey>) {
    self.trustDomain = trustDomain
    self.keys = Dictionary(keys.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Whom the token is about, if it is good, and for this audience.
  public func verify(_ token: String, audience: String, now_s: Int64) throws(JWTRefusal) -> VerifiedJWT {
    guard token.utf8.count <= Self.maxBytes else { throw .malformed("it has more than \(Self.maxBytes) bytes") }
    let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3 else { throw .malformed("it has not three parts") }
    guard let header = Base64URL.decode(parts[0]), let claims = Base64URL.decode(parts[1]),
      let signature = Base64URL.decode(parts[2])
    else { throw .malformed("a part is not base64url") }
    try check(header, signature, signed: Array(token.utf8.prefix(parts[0].count + 1 + parts[1].count)))
    // What is not signed by the mesh is not looked at: from here on, refusals are about its own tokens.
    let read: ReadJWTClaims
    do { read = try JSONDecoder().decode(ReadJWTClaims.self, from: Data(claims)) } catch {
      throw .malformed("sub, aud or exp is missing in its claims, or is not what it should be")
    }
    let id: SPIFFEID
    do { id = try SPIFFEID(read.sub) } catch { throw .subject("\(error)") }
    guard id.trustDomain == trustDomain, !id.path.isEmpty else {
      throw .subject("\(id) is no workload of \(trustDomain)")
    }
    guard read.aud.names.contains(where: { $0.utf8.elementsEqual(audience.utf8) }) else { throw .audience }
    let (now, skew) = (Double(now_s), Double(AuthorityTiming.skew_s))
    guard now <= read.exp + skew else { throw .expired }
    guard now + skew >= max(read.nbf ?? -.infinity, read.iat ?? -.infinity) else { throw .notYetValid }
    return VerifiedJWT(spiffeID: id, claims: claims)
  }

  private func check(_ bytes: [UInt8], _ signature: [UInt8], signed: [UInt8]) throws(JWTRefusal) {
    guard let header = try? JSONDecoder().decode(JWTHeader.self, from: Data(bytes)) else {
      throw .malformed("its header is no JSON of a signed token")
    }
    guard header.alg == JWTHeader.algorithm else { throw .algorithm }
    guard header.typ.map({ $0 == "JWT" || $0 == "JOSE" }) ?? true else {
      throw .malformed("its typ is neither JWT nor JOSE")
    }
    guard header.crit == nil else { throw .malformed("it has critical header parameters, of which none is known") }
    guard let key = header.kid.flatMap({ keys[$0] }) else { throw .unknownKey }
    guard key.verify(signature, of: signed) else { throw .badSignature }
  }
}

/// Why a JWT-SVID is not believed.
public enum JWTRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// It is no JWT-SVID; the text says why.
  case malformed(String)
  /// It says that it was signed in another way than this mesh signs.
  case algorithm
  /// No authority of this mesh has the key that it names.
  case unknownKey
  /// The key that it names did not sign it.
  case badSignature
  /// It is about nobody of this mesh; the text says why.
  case subject(String)
  /// It is not for who asks.
  case audience
  /// It ran out.
  case expired
  /// It begins in the future.
  case notYetValid

  /// What is wrong, and what to check.
  public var description: String {
    switch self {
    case .malformed(let why): "it is no JWT-SVID: \(why)"
    case .algorithm: "it is not signed by \(JWTHeader.algorithm), as all of this mesh are"
    case .unknownKey:
      "no authority of this mesh has the key that it names; it is another mesh's, or its signer has lost the role"
    case .badSignature: "the key that it names has not signed it"
    case .subject(let why): "its subject is no workload's: \(why)"
    case .audience: "it is not for this audience"
    case .expired: "it has expired; have the client fetch another, and check the clocks of both hosts"
    case .notYetValid: "it is not valid yet; check the clocks of both hosts"
    }
  }
}
