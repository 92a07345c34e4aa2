internal import MeshModel
internal import Policy
internal import TransportSecurity

/// Who is at the other end of a connection between proxies, as mutual TLS has proved it. Made once for a connection, and
/// shared by all that comes over it.
final class ProvenPeer: Sendable {
  /// As policies read it.
  let name: PeerName
  /// As records keep it.
  let proof: PeerProof
  /// The value of x-forwarded-client-cert for the program: what it is told of the client.
  let certificateField: [UInt8]

  /// `own` is who this side is; `fingerprint` the SHA-256 of the peer's certificate in DER, where that is known.
  init(_ id: SPIFFEID, proof: PeerProof, own: SPIFFEID?, fingerprint: [UInt8]?) {
    name = PeerName(id)
    self.proof = proof
    certificateField = Array(Self.field(of: id, own: own, fingerprint: fingerprint).utf8)
  }

  /// Envoy's form (HTTP header manipulation, x-forwarded-client-cert), of what is known: who was asked, by which certificate,
  /// and whose that is. Nothing in it needs quotes: a SPIFFE ID has no comma, semicolon, equals sign or quote.
  private static func field(of id: SPIFFEID, own: SPIFFEID?, fingerprint: [UInt8]?) -> String {
    var parts: [String] = []
    if let own { parts.append("By=\(own)") }
    if let fingerprint {
      parts.append("Hash=" + fingerprint.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
    }
    parts.append("URI=\(id)")
    return parts.joined(separator: ";")
  }
}
