public import Authority
internal import Foundation
internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix
internal import MeshAPI
public import MeshModel
internal import MeshServices
public import Replication
internal import SwiftProtobuf

/// A certificate for a host whose own ran out while it was off, or was signed by an authority that is none any more. It shows
/// none; its owner's key speaks for it.
public enum PeerRenewal {
  /// Asks the authority at `address`; the new chain, DER, leaf first, verified by `bundle`.
  public static func renew(
    _ expired: Identity,
    request: [UInt8],
    credential: [UInt8],
    keyring: AgentKeyring,
    bundle: TrustBundle,
    revoked: Set<KeyFingerprint> = [],
    at address: MeshModel.SocketAddress
  ) async throws -> [[UInt8]] {
    guard let proof = keyring.proof(for: request) else { throw PeerError.certificate("the host key cannot sign") }
    var message = Weft_Peer_V1_RenewRequest()
    message.certificateRequest = Data(request)
    message.certificateChain = expired.certificate.chain.map { Data($0) }
    message.ownerCredential = Data(credential)
    message.ownerProof = Data(proof)
    let renewal = message
    let verifier = try PeerVerifier(bundle, revoked: revoked)
    let seen = PeerDialer.Seen()
    let transport = try PeerDialer.transport(address, identity: nil, seen: seen) { chain in
      let peer = try PeerChain.verified(chain, by: verifier)
      guard peer.spiffeID.hostName != nil else { throw PeerError.hello("\(peer.spiffeID) is no host") }
      return peer
    }
    let reply = try await PeerCalls.told(address, seen) {
      try await PeerCalls.within(.milliseconds(PeerLimit.call_ms)) {
        try await withGRPCClient(transport: transport) { client in
          try await Weft_Peer_V1_Peers.Client(wrapping: client).renew(renewal)
        }
      }
    }
    let chain = reply.certificateChain.map { [UInt8]($0) }
    do {
      let identity = try PeerChain.verified(chain, by: verifier)
      guard identity.spiffeID == expired.spiffeID else {
        throw PeerError.answer("\(address): it signed for \(identity.spiffeID), not \(expired.spiffeID)")
      }
    } catch { throw PeerCalls.named(error, address) }
    return chain
  }
}

extension PeerMethods {
  func renew(request: Weft_Peer_V1_RenewRequest, context: ServerContext) async throws -> Weft_Peer_V1_SignReply {
    try charge(context)
    let host = try owner(of: request, context)
    let (csr, now_s) = ([UInt8](request.certificateRequest), PeerTrust.now_s)
    let answer = try await told("renewals_refused", context) {
      let peer = try await ranOut(request.certificateChain.map { [UInt8]($0) }, now_s)
      guard peer.hostName == host else { throw PeerError.refused("\(host) would renew the certificate of \(peer)") }
      return try await handler.sign(peer, request: csr, host: host)
    }
    counts.count("renewals")
    return Weft_Peer_V1_SignReply(answer.chain, roots: answer.roots)
  }

  /// The host whose key the mesh admitted, and which has that key.
  private func owner(of request: Weft_Peer_V1_RenewRequest, _ context: ServerContext) throws -> String {
    guard request.certificateChain.count <= AuthorityLimit.chainCertificates,
      let read = admitted(
        [UInt8](request.ownerCredential),
        proof: [UInt8](request.ownerProof),
        for: [UInt8](request.certificateRequest)
      )
    else {
      throw refuse(
        "renewals_refused",
        .permissionDenied,
        "the mesh has not admitted this host, or its key is another",
        context
      )
    }
    return read.ownerName
  }

  /// Whose credential it is, where the mesh has admitted it and who asks has its key.
  func admitted(_ credential: [UInt8], proof: [UInt8], for csr: [UInt8]) -> OwnerCredential? {
    guard csr.count <= AuthorityLimit.requestBytes, credential.count <= OwnerCredential.maxBytes,
      let read = try? OwnerCredential(decoding: credential), trust.keyring.admits(read.owner, credential: credential),
      HostKey.isProof(proof, by: read.publicKey, for: csr)
    else { return nil }
    return read
  }

  /// Whose certificate it was, as of its last second; not long ago.
  private func ranOut(_ chain: [[UInt8]], _ now_s: Int64) async throws -> SPIFFEID {
    guard let leaf = chain.first.flatMap(CertificateSummary.init(der:)) else {
      throw PeerError.refused("there is no certificate to be renewed")
    }
    guard now_s < leaf.notAfter_s + AuthorityTiming.renewal_s else {
      throw PeerError.refused(
        "its certificate ran out more than \(AuthorityTiming.renewal_s / AuthorityTiming.day_s) days ago; empty its data directory and join anew"
      )
    }
    // Who signed it counts no more than when it ran out: the owner's key has been asked, and an authority that was revoked
    // must not take the hosts along that it signed for.
    let bundle = trust.now.verifier.bundle
    // So does who left the bundle since: a host that slept through a change of the root has only what the old one signed.
    // And a root that was forgotten: its certificate says nothing, but the owner's key and credential do.
    let former = await handler.handovers().compactMap(\.root) + handler.forgottenRoots()
    for roots in [bundle.roots] + former.map({ [$0] }) {
      let believed = TrustBundle(trustDomain: bundle.trustDomain, version: bundle.version, roots: roots)
      guard let verifier = try? PeerVerifier(believed) else { continue }
      do throws(PeerRefusal) { return try verifier.verify(chain, now_s: min(now_s, leaf.notAfter_s)).spiffeID } catch {
        guard error == .foreignRoot else { throw PeerError.refused("\(error)") }
      }
    }
    throw PeerError.refused(
      "\(PeerRefusal.foreignRoot); if the root was replaced long ago, empty its data directory and join anew"
    )
  }
}
