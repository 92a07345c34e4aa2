public import Authority
internal import Foundation
internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix
internal import MeshAPI
public import MeshModel
internal import MeshServices
internal import SwiftProtobuf

/// What a host asks one that has the authority.
public struct PeerCalls: Sendable {
  private let trust: PeerTrust

  /// Calls as this host.
  public init(trust: PeerTrust) { self.trust = trust }

  /// Has `id` signed: the chain, DER, leaf first, and the roots of now, by which the chain is verified here.
  public func sign(
    _ id: SPIFFEID,
    request: [UInt8],
    at address: MeshModel.SocketAddress
  ) async throws -> (chain: [[UInt8]], roots: [[UInt8]]) {
    let reply = try await call(address) { peers in
      var message = Weft_Peer_V1_SignRequest()
      message.certificateRequest = Data(request)
      message.spiffeID = id.description
      return try await peers.sign(message, options: PeerDialer.callOptions)
    }
    let (chain, roots) = (reply.certificateChain.map { [UInt8]($0) }, reply.roots.map { [UInt8]($0) })
    let bundle = TrustBundle(trustDomain: id.trustDomain, version: 0, roots: roots)
    do {
      let identity = try PeerVerifier(bundle).verify(chain, now_s: PeerTrust.now_s)
      guard identity.spiffeID == id else { throw PeerError.answer("it signed for \(identity.spiffeID), not \(id)") }
    } catch let error as PeerError { throw error } catch { throw PeerError.answer("\(error)") }
    return (chain, roots)
  }

  /// The certificates of those who sign, all of them roots of this host's trust domain or below one.
  public func trustAnswer(at address: MeshModel.SocketAddress) async throws -> TrustAnswer {
    let reply = try await call(address) { try await $0.trust(.init(), options: PeerDialer.callOptions) }
    let answer = TrustAnswer(
      roots: reply.roots.map { [UInt8]($0) },
      intermediates: reply.intermediates.map { [UInt8]($0) },
      formerRoots: reply.formerRoots.map { [UInt8]($0) }
    )
    let domain = trust.now.verifier.bundle.trustDomain
    do {
      _ = try PeerVerifier(TrustBundle(trustDomain: domain, version: 0, roots: answer.roots))
      _ = try AgentKeyring(key: nil, trustDomain: domain, roots: answer.roots + answer.formerRoots)
    } catch { throw PeerError.answer("\(error)") }
    return answer
  }

  private func call<Reply: Sendable>(
    _ address: MeshModel.SocketAddress,
    _ body: @Sendable (Weft_Peer_V1_Peers.Client<HTTP2ClientTransport.Posix>) async throws -> Reply
  ) async throws -> Reply {
    let seen = PeerDialer.Seen()
    let transport = try PeerDialer.transport(address, as: trust.now, host: nil, seen: seen)
    return try await Self.told(address, seen) {
      try await withGRPCClient(transport: transport) { try await body(Weft_Peer_V1_Peers.Client(wrapping: $0)) }
    }
  }

  /// gRPC's errors as ours.
  static func told<Reply>(
    _ address: MeshModel.SocketAddress,
    _ seen: PeerDialer.Seen,
    _ body: () async throws -> Reply
  ) async throws -> Reply {
    do { return try await body() } catch let error as RPCError {
      if let why = seen.refusal { throw PeerError.answer("\(address): \(why)") }
      switch error.code {
      case .unavailable, .deadlineExceeded, .cancelled, .unknown:
        throw PeerError.unreachable("\(address): \(error.message)")
      default: throw PeerError.refused("\(address): \(error.message)")
      }
    }
  }
}
