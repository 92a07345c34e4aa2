internal import Authority
internal import Foundation
internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix
internal import MeshAPI
public import MeshModel
internal import MeshServices
internal import Replication
internal import SwiftProtobuf

/// What a host asks one that has the root's key: an intermediate of its own, and the root's word for it.
extension PeerCalls {
  /// An intermediate, DER, for a key that was made here. Whether it is one is for `DelegatedAuthority` to say.
  public func delegate(_ request: [UInt8], at address: MeshModel.SocketAddress) async throws -> [UInt8] {
    guard let proof = trust.keyring.proof(for: request) else {
      throw PeerError.certificate("the host key cannot sign")
    }
    let credential = trust.credential
    let reply = try await call(address) { peers in
      var message = Weft_Peer_V1_DelegateRequest()
      message.certificateRequest = Data(request)
      message.ownerCredential = Data(credential)
      message.ownerProof = Data(proof)
      return try await peers.delegate(message)
    }
    guard reply.certificateChain.count == 1, let intermediate = reply.certificateChain.first else {
      throw PeerError.answer("\(address): \(reply.certificateChain.count) certificates where one was asked for")
    }
    return [UInt8](intermediate)
  }

  /// The root's credential in place of one that another authority signed for this host.
  public func confirm(at address: MeshModel.SocketAddress) async throws -> [UInt8] {
    let credential = trust.credential
    let reply = try await call(address) { peers in
      var message = Weft_Peer_V1_ConfirmRequest()
      message.ownerCredential = Data(credential)
      return try await peers.confirm(message)
    }
    let confirmed = [UInt8](reply.ownerCredential)
    guard let read = try? OwnerCredential(decoding: confirmed), read.isRoots, read.owner == trust.owner,
      trust.keyring.admits(read.owner, credential: confirmed)
    else { throw PeerError.answer("\(address): its credential is not the root's for this host") }
    return confirmed
  }
}

extension PeerMethods {
  func delegate(
    request: Weft_Peer_V1_DelegateRequest,
    context: ServerContext
  ) async throws -> Weft_Peer_V1_SignReply {
    let peer = try peer(context)
    try charge(context)
    let csr = [UInt8](request.certificateRequest)
    let read = admitted([UInt8](request.ownerCredential), proof: [UInt8](request.ownerProof), for: csr)
    // The certificate alone may be another authority's word for the name; who is to sign for all shows the root's.
    guard let read, read.isRoots, read.ownerName == peer.host else {
      throw refuse(
        "delegations_refused",
        .permissionDenied,
        "\(peer.host) has not shown that the root admitted it and that it has its key",
        context
      )
    }
    let intermediate = try await told("delegations_refused", context) {
      try await handler.delegate(read.owner, request: csr)
    }
    counts.count("delegations")
    return Weft_Peer_V1_SignReply([intermediate], roots: trust.now.verifier.bundle.roots)
  }

  func confirm(
    request: Weft_Peer_V1_ConfirmRequest,
    context: ServerContext
  ) async throws -> Weft_Peer_V1_ConfirmReply {
    let peer = try peer(context)
    try charge(context)
    let credential = [UInt8](request.ownerCredential)
    guard credential.count <= OwnerCredential.maxBytes, let read = try? OwnerCredential(decoding: credential),
      read.ownerName == peer.host, trust.keyring.admits(read.owner, credential: credential)
    else {
      throw refuse(
        "confirmations_refused",
        .permissionDenied,
        "no authority that the mesh has now admitted \(peer.host) with this credential; it has to join anew",
        context
      )
    }
    let confirmed = try await told("confirmations_refused", context) { try await handler.confirm(read) }
    counts.count("confirmations")
    return Weft_Peer_V1_ConfirmReply.with { $0.ownerCredential = .init(confirmed) }
  }
}
