public import Authority
internal import Foundation
internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix
internal import MeshAPI
internal import MeshModel
internal import MeshServices
internal import Replication
internal import SwiftProtobuf

/// What a join brought, verified as a whole. Nothing is stored yet.
public struct Joined: Sendable {
  /// What the mesh gave.
  public let admission: Admission
  /// This host's identity.
  public let identity: Identity
}

/// Joins a mesh by a token.
public enum PeerJoin {
  /// Asks the token's agents, one after the other, until one answers. One that is out of reach or has too much to do is
  /// followed by the next; any other refusal ends it, since the token may be used up.
  ///
  /// - Throws: `PeerError`; where no agent would have it now, with what each of them said.
  public static func join(_ token: JoinToken, hostName: String, hostKey: HostKey) async throws -> Joined {
    let request = try CertificateRequest()
    guard let proof = hostKey.proof(for: request.der) else { throw PeerError.certificate("the host key cannot sign") }
    var message = Weft_Peer_V1_JoinRequest()
    message.secret = Data(token.secret.bytes)
    message.hostName = hostName
    message.certificateRequest = Data(request.der)
    message.ownerKey = Data(hostKey.publicKey)
    message.ownerProof = Data(proof)
    var failures: [PeerError] = []
    for address in token.addresses {
      do {
        let reply = try await ask(address, token, message)
        return try verified(reply, from: address, token, request, hostName: hostName, hostKey: hostKey)
      } catch let error as PeerError {
        guard error.passing != nil else { throw error }
        failures.append(error)
      }
    }
    throw PeerError.all(failures)
  }

  private static func ask(
    _ address: MeshModel.SocketAddress,
    _ token: JoinToken,
    _ message: Weft_Peer_V1_JoinRequest
  ) async throws -> Weft_Peer_V1_JoinReply {
    let seen = PeerDialer.Seen()
    // The secret goes to nobody whose chain does not end in the root that the token pins.
    let transport = try PeerDialer.transport(address, identity: nil, seen: seen) { chain in
      let bundle = try token.bundle(of: chain)
      let peer = try PeerChain.verified(chain, by: PeerVerifier(bundle))
      guard peer.spiffeID.hostName != nil else { throw PeerError.hello("\(peer.spiffeID) is no host") }
      return peer
    }
    return try await PeerCalls.told(address, seen) {
      try await PeerCalls.within(.milliseconds(PeerLimit.call_ms)) {
        try await withGRPCClient(transport: transport) { client in
          try await Weft_Peer_V1_Peers.Client(wrapping: client).join(message)
        }
      }
    }
  }

  private static func verified(
    _ reply: Weft_Peer_V1_JoinReply,
    from address: MeshModel.SocketAddress,
    _ token: JoinToken,
    _ request: CertificateRequest,
    hostName: String,
    hostKey: HostKey
  ) throws -> Joined {
    do {
      let domain = try TrustDomain(reply.trustDomain)
      let roots = reply.roots.map { [UInt8]($0) }
      let former = reply.formerRoots.map { [UInt8]($0) }
      let chain = reply.certificateChain.map { [UInt8]($0) }
      let bundle = TrustBundle(trustDomain: domain, version: 0, roots: roots)
      guard roots.contains(where: { PeerTrust.digest($0) == token.pin }) else { throw JoinTokenFault.otherRoot }
      let peer = try PeerChain.verified(chain, by: PeerVerifier(bundle))
      guard peer.spiffeID == (try SPIFFEID.host(domain, name: hostName)) else {
        throw PeerError.answer("the certificate is of \(peer.spiffeID), not of \(hostName)")
      }
      let credential = [UInt8](reply.ownerCredential)
      let owner = try OwnerCredential(decoding: credential).owner
      let roster = try reply.roster.isEmpty ? nil : AuthorityRoster(decoding: [UInt8](reply.roster))
      guard roster?.isSigned(byRootOf: bundle) ?? true else {
        throw PeerError.answer("no root of the mesh has signed the list of its authorities")
      }
      let keyring = try AgentKeyring(
        key: nil,
        trustDomain: domain,
        roots: roots + former,
        authorities: roster?.owners ?? []
      )
      guard owner.name == hostName, owner.key == hostKey.fingerprint, keyring.admits(owner, credential: credential)
      else { throw PeerError.answer("the credential is not of this host and its key") }
      var random = SystemRandomNumberGenerator()
      let identity = try Identity(IssuedCertificate(chain: chain, using: &random), key: request.key)
      let peers = reply.gossipPeers.prefix(16).compactMap(MeshModel.SocketAddress.init)
      let admission = Admission(
        meshName: reply.meshName,
        bundle: bundle,
        formerRoots: former,
        chain: chain,
        credential: credential,
        gossipKey: [UInt8](reply.gossipKey),
        gossipPeers: Array(peers),
        roster: roster?.encoded ?? []
      )
      return Joined(admission: admission, identity: identity)
    } catch { throw PeerCalls.named(error, address) }
  }
}
