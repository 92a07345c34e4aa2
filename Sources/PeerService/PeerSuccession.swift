public import Authority
internal import Foundation
internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix
internal import MeshAPI
public import MeshModel
internal import MeshServices
internal import SwiftProtobuf

/// The way to the roots of now for a host that knows none of them: it was off while they were replaced. It believes nobody by a
/// certificate then, and asks anybody; what it is told counts by the signatures of the roots that it does know.
public enum PeerSuccession {
  /// The bundle that followed `bundle`, by the agent at `address`.
  ///
  /// - Throws: `PeerError.foreign` where no root of `bundle` has said that another follows: it left too long ago, or is another
  ///   mesh's.
  public static func bundle(after bundle: TrustBundle, at address: MeshModel.SocketAddress) async throws -> TrustBundle
  {
    let seen = PeerDialer.Seen()
    // Whoever it is: a certificate shows nothing yet.
    let transport = try PeerDialer.transport(address, identity: nil, seen: seen) { _ in nil }
    let reply = try await PeerCalls.told(address, seen) {
      try await PeerCalls.within(.milliseconds(PeerLimit.call_ms)) {
        try await withGRPCClient(transport: transport) { client in
          try await Weft_Peer_V1_Peers.Client(wrapping: client).succession(.init())
        }
      }
    }
    let statements = reply.statements.prefix(AuthorityLimit.handovers)
      .compactMap { try? TrustStatement(decoding: [UInt8]($0)) }
    guard let next = bundle.followed(by: statements) else {
      throw PeerError.foreign(
        """
        \(address): no root that this host knows has said there which one follows it: the root was replaced, and this host was \
        off until more than \(AuthorityTiming.renewal_s / AuthorityTiming.day_s) days after, or it is another mesh's; to join \
        anew, empty the data directory and start the agent with --join and a token
        """
      )
    }
    return next
  }
}

extension PeerMethods {
  func succession(
    request: Weft_Peer_V1_SuccessionRequest,
    context: ServerContext
  ) async throws -> Weft_Peer_V1_SuccessionReply {
    guard let ip = Self.address(context.remotePeer), questionsOfEach.take(ip) else {
      throw refuse(
        "questions_limited",
        .resourceExhausted,
        "too many questions from one address; try again soon",
        context
      )
    }
    counts.count("successions")
    let handovers = await handler.handovers()
    return Weft_Peer_V1_SuccessionReply.with { $0.statements = handovers.map { .init($0.statement.encoded) } }
  }
}
