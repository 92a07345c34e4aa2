public import Authority
internal import Foundation
internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix
internal import MeshAPI
public import MeshModel
internal import MeshServices
internal import SwiftProtobuf

/// JWT-SVIDs of workloads, which authorities sign.
extension PeerCalls {
  /// Has a token signed. That it is one for this workload and these audiences is verified here; that its key is an authority's is
  /// for whoever is shown it.
  public func signJWT(
    _ id: SPIFFEID,
    for audiences: JWTAudiences,
    at address: MeshModel.SocketAddress
  ) async throws -> SignedJWT {
    let reply = try await call(address) { peers in
      var message = Weft_Peer_V1_SignTokenRequest()
      message.spiffeID = id.description
      message.audiences = audiences.names
      return try await peers.signToken(message)
    }
    guard let key = JWTKey([UInt8](reply.key)) else {
      throw PeerError.answer("\(address): its key is no point of P-256")
    }
    let verifier = JWTVerifier(id.trustDomain, keys: [key])
    do {
      for audience in audiences.names {
        let verified = try verifier.verify(reply.token, audience: audience, now_s: PeerTrust.now_s)
        guard verified.spiffeID == id else {
          throw PeerError.answer("\(address): it signed a token for \(verified.spiffeID), not \(id)")
        }
      }
    } catch { throw Self.named(error, address) }
    return SignedJWT(text: reply.token, key: key, expires_s: reply.expiresS)
  }
}

extension PeerMethods {
  func signToken(
    request: Weft_Peer_V1_SignTokenRequest,
    context: ServerContext
  ) async throws -> Weft_Peer_V1_SignTokenReply {
    let peer = try peer(context)
    try charge(context)
    guard let audiences = JWTAudiences(request.audiences), let id = try? SPIFFEID(request.spiffeID),
      id.trustDomain == trust.now.verifier.bundle.trustDomain
    else {
      throw refuse(
        "tokens_refused",
        .invalidArgument,
        "the audiences are too many, or the identity is not this mesh's",
        context
      )
    }
    // A host has no token of its own: nobody would take one.
    guard id.workload != nil else {
      throw refuse(
        "tokens_refused",
        .permissionDenied,
        "\(peer.host) may have tokens of workloads only, not of \(id)",
        context
      )
    }
    let token = try await told("tokens_refused", context) { try await handler.signJWT(id, for: audiences) }
    return Weft_Peer_V1_SignTokenReply.with {
      $0.token = token.text
      $0.key = Data(token.key.publicKey)
      $0.expiresS = token.expires_s
    }
  }
}
