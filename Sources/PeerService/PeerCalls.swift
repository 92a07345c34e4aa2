internal import Authority
internal import Foundation
internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix
internal import MeshAPI
public import MeshModel
internal import MeshServices
internal import SwiftProtobuf

/// What a host asks one that has the authority.
public struct PeerCalls: Sendable {
  let trust: PeerTrust
  private let limit: Duration

  /// Calls as this host.
  public init(trust: PeerTrust) { self.init(trust: trust, limit: .milliseconds(PeerLimit.call_ms)) }

  /// Calls that take at most `limit`, from the first packet to the last.
  init(trust: PeerTrust, limit: Duration) {
    self.trust = trust
    self.limit = limit
  }

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
      return try await peers.sign(message)
    }
    let (chain, roots) = (reply.certificateChain.map { [UInt8]($0) }, reply.roots.map { [UInt8]($0) })
    let bundle = TrustBundle(trustDomain: id.trustDomain, version: 0, roots: roots)
    do {
      let identity = try PeerChain.verified(chain, by: PeerVerifier(bundle))
      guard identity.spiffeID == id else {
        throw PeerError.answer("\(address): it signed for \(identity.spiffeID), not \(id)")
      }
    } catch { throw Self.named(error, address) }
    return (chain, roots)
  }

  /// The certificates of those who sign, all of them roots of this host's trust domain or below one.
  public func trustAnswer(at address: MeshModel.SocketAddress) async throws -> TrustAnswer {
    let reply = try await call(address) { try await $0.trust(.init()) }
    let known = trust.now.verifier.bundle
    do {
      let statement = try TrustStatement(decoding: [UInt8](reply.statement))
      // Any host with a certificate could answer here; only a root says what is a root.
      guard statement.isSigned(byRootOf: known) else {
        throw PeerError.answer("\(address): no root that this host trusts has signed what it says of the mesh's roots")
      }
      _ = try PeerVerifier(statement.bundle)
      let all = statement.bundle.roots + statement.formerRoots
      _ = try AgentKeyring(key: nil, trustDomain: known.trustDomain, roots: all)
      return TrustAnswer(
        roots: statement.bundle.roots,
        intermediates: reply.intermediates.map { [UInt8]($0) },
        formerRoots: statement.formerRoots,
        bundleVersion: statement.bundle.version,
        statement: statement.encoded,
        handovers: try handovers(reply, statement)
      )
    } catch { throw Self.named(error, address) }
  }

  private func handovers(_ reply: Weft_Peer_V1_TrustReply, _ statement: TrustStatement) throws -> [Handover] {
    try reply.handovers.prefix(AuthorityLimit.handovers).map { told in
      let handover = Handover(statement: try TrustStatement(decoding: [UInt8](told.statement)), left_s: told.leftS)
      guard handover.isSigned(byFormer: statement.formerRoots, of: statement.bundle.trustDomain) else {
        throw PeerError.answer("no former root of the mesh has signed what is told as its last word")
      }
      return handover
    }
  }

  func call<Reply: Sendable>(
    _ address: MeshModel.SocketAddress,
    _ body: @escaping @Sendable (Weft_Peer_V1_Peers.Client<HTTP2ClientTransport.Posix>) async throws -> Reply
  ) async throws -> Reply {
    let seen = PeerDialer.Seen()
    let transport = try PeerDialer.transport(address, as: trust.now, host: nil, seen: seen)
    return try await Self.told(address, seen) {
      try await Self.within(limit) {
        try await withGRPCClient(transport: transport) { try await body(Weft_Peer_V1_Peers.Client(wrapping: $0)) }
      }
    }
  }

  /// Ends `body` after `limit`, wherever it is: connecting, in TLS, waiting for an answer, or closing.
  static func within<Reply: Sendable>(
    _ limit: Duration,
    _ body: @escaping @Sendable () async throws -> Reply
  ) async throws -> Reply {
    try await withThrowingTaskGroup(of: Reply?.self) { group in
      defer { group.cancelAll() }
      group.addTask { try await body() }
      group.addTask {
        try await Task.sleep(for: limit)
        return nil
      }
      guard let first = try await group.next(), let reply = first else {
        throw RPCError(code: .deadlineExceeded, message: "no answer within \(limit)")
      }
      return reply
    }
  }

  /// gRPC's errors as ours, with the address that was asked.
  static func told<Reply>(
    _ address: MeshModel.SocketAddress,
    _ seen: PeerDialer.Seen,
    _ body: () async throws -> Reply
  ) async throws -> Reply {
    do { return try await body() } catch let error as RPCError {
      if let why = seen.refusal { throw named(why, address) }
      let why = "\(address): \(error.message)\(error.cause.map { " (\($0))" } ?? "")"
      switch error.code {
      case .unavailable, .deadlineExceeded, .cancelled, .unknown: throw PeerError.unreachable(why)
      case .resourceExhausted: throw PeerError.busy(why)
      default: throw PeerError.refused(why)
      }
    }
  }

  /// Any reason not to take an answer, with the address that gave it.
  static func named(_ error: any Error, _ address: MeshModel.SocketAddress) -> PeerError {
    switch error {
    case PeerError.hello(let why): .hello("\(address): \(why)")
    case let error as PeerError: error
    case let fault as PeerChain.Fault: fault.at("\(address)")
    default: .answer("\(address): \(error)")
    }
  }
}
