internal import Authority
internal import Foundation
internal import GRPCCore
internal import MeshAPI
internal import MeshModel
internal import MeshServices
internal import Replication
internal import SwiftProtobuf

/// The methods that other agents call. All but `join`, `renew` and `succession` ask for a host's certificate of this mesh.
struct PeerMethods: Weft_Peer_V1_Peers.SimpleServiceProtocol {
  let trust: PeerTrust
  let handler: any PeerHandler
  let counts: PeerCounts
  let log: PacedLog
  let joins = RateLimit(burst: PeerLimit.joinBurst, perSecond: PeerLimit.joinsPerSecond)
  let joinsOfEach = AddressLimits(
    burst: PeerLimit.addressJoinBurst,
    perSecond: PeerLimit.addressJoinsPerSecond,
    capacity: PeerLimit.joinAddresses
  )
  let questionsOfEach = AddressLimits(
    burst: PeerLimit.addressQuestionBurst,
    perSecond: PeerLimit.addressQuestionsPerSecond,
    capacity: PeerLimit.joinAddresses
  )
  let signatures = RateLimit(burst: PeerLimit.signBurst, perSecond: PeerLimit.signsPerSecond)

  func join(request: Weft_Peer_V1_JoinRequest, context: ServerContext) async throws -> Weft_Peer_V1_JoinReply {
    // Its own share first: what an address has too many of does not count against the others'.
    guard let ip = Self.address(context.remotePeer), joinsOfEach.take(ip) else {
      throw refuse(
        "joins_limited_by_address",
        .resourceExhausted,
        "too many joins from one address; try again soon",
        context
      )
    }
    guard joins.take() else {
      throw refuse("joins_limited", .resourceExhausted, "too many hosts join; try again soon", context)
    }
    let csr = [UInt8](request.certificateRequest)
    let key = [UInt8](request.ownerKey)
    guard csr.count <= AuthorityLimit.requestBytes, request.hostName.utf8.count <= ReplicationLimits.nameBytes,
      request.secret.count == JoinToken.secretBytes,
      HostKey.isProof([UInt8](request.ownerProof), by: key, for: csr)
    else {
      throw refuse("joins_refused", .invalidArgument, "the join is malformed, or its key is not the host's", context)
    }
    let application = JoinApplication(
      secret: SecretBytes([UInt8](request.secret)),
      hostName: request.hostName,
      certificateRequest: csr,
      ownerKey: key
    )
    let admission = try await told("joins_refused", context) { try await handler.join(application) }
    counts.count("joins")
    return Weft_Peer_V1_JoinReply.with {
      $0.meshName = admission.meshName
      $0.trustDomain = admission.bundle.trustDomain.name
      $0.certificateChain = admission.chain.map { .init($0) }
      $0.roots = admission.bundle.roots.map { .init($0) }
      $0.formerRoots = admission.formerRoots.map { .init($0) }
      $0.ownerCredential = .init(admission.credential)
      $0.gossipKey = .init(admission.gossipKey)
      $0.gossipPeers = admission.gossipPeers.map(\.description)
      $0.roster = .init(admission.roster)
    }
  }

  func sign(request: Weft_Peer_V1_SignRequest, context: ServerContext) async throws -> Weft_Peer_V1_SignReply {
    let peer = try peer(context)
    try charge(context)
    guard request.certificateRequest.count <= AuthorityLimit.requestBytes, let id = try? SPIFFEID(request.spiffeID),
      id.trustDomain == trust.now.verifier.bundle.trustDomain
    else {
      throw refuse(
        "signs_refused",
        .invalidArgument,
        "the request is too long, or its identity is not this mesh's",
        context
      )
    }
    guard id.hostName == peer.host || id.workload != nil else {
      throw refuse(
        "signs_refused",
        .permissionDenied,
        "\(peer.host) may not be \(id), only itself and workloads",
        context
      )
    }
    let answer = try await told("signs_refused", context) {
      try await handler.sign(id, request: [UInt8](request.certificateRequest), host: peer.host)
    }
    return Weft_Peer_V1_SignReply(answer.chain, roots: answer.roots)
  }

  func trust(request: Weft_Peer_V1_TrustRequest, context: ServerContext) async throws -> Weft_Peer_V1_TrustReply {
    _ = try peer(context)
    let answer = try await told("trust_refused", context) { try await handler.trust() }
    return Weft_Peer_V1_TrustReply.with {
      $0.roots = answer.roots.map { .init($0) }
      $0.intermediates = answer.intermediates.map { .init($0) }
      $0.formerRoots = answer.formerRoots.map { .init($0) }
      $0.bundleVersion = answer.bundleVersion
      $0.statement = .init(answer.statement)
      $0.handovers = answer.handovers.map { handover in
        .with {
          $0.statement = .init(handover.statement.encoded)
          $0.leftS = handover.left_s
        }
      }
    }
  }

  func exchange(
    request: RPCAsyncSequence<Weft_Peer_V1_Frame, any Error>,
    response: RPCWriter<Weft_Peer_V1_Frame>,
    context: ServerContext
  ) async throws {
    let peer = try peer(context)
    try await response.write(Hello.frame(trust, peer))
    let (counts, ip) = (counts, Self.address(context.remotePeer))
    do {
      let greeted: @Sendable (Hello.Speaker) -> Void = { [trust, handler] speaker in
        Task { await handler.greeted(by: speaker.owner, credential: speaker.credential) }
        guard PeerSpeaker(owner: speaker.owner, run: speaker.run).isCopy(of: trust), let ip else { return }
        counts.count("copies_met")
        Task { await handler.metCopy(at: ip) }
      }
      try await Exchange.receive(request, trust: trust, ends: peer, greeted: greeted) { message, owner in
        counts.count("messages_received")
        await handler.receive(message, from: owner)
      }
    } catch let error as PeerError {
      throw refuse("hellos_refused", .permissionDenied, "\(error)", context)
    } catch PeerTerm.End
      .distrusted
    {
      throw refuse(
        "streams_distrusted",
        .permissionDenied,
        "no root that this host remembers admits \(peer.host) any more",
        context
      )
    }
  }

  /// Of gRPC's `ipv4:192.0.2.1:80` or `ipv6:[2001:db8::1]:80`.
  static func address(_ peer: String) -> IPAddress? {
    peer.firstIndex(of: ":").flatMap { MeshModel.SocketAddress(String(peer[peer.index(after: $0)...])) }?.ip
  }

  func peer(_ context: ServerContext) throws -> PeerEnds {
    guard let peer = context.transportSpecific as? PeerEnds else {
      throw refuse("unauthenticated", .unauthenticated, "only hosts of the mesh may ask this; join first", context)
    }
    return peer
  }

  /// A signature is work: all hosts together have their fill of it.
  func charge(_ context: ServerContext) throws {
    guard signatures.take() else {
      throw refuse("signs_limited", .resourceExhausted, "too many ask for signatures", context)
    }
  }

  func told<Value>(
    _ counter: String,
    _ context: ServerContext,
    _ body: () async throws -> Value
  ) async throws -> Value {
    do { return try await body() } catch let error as PeerError {
      throw refuse(counter, .permissionDenied, "\(error)", context)
    } catch let error as JoinRefusal {
      throw refuse(counter, .permissionDenied, "\(error)", context)
    } catch let error as AuthorityError {
      throw refuse(counter, .failedPrecondition, "\(error)", context)
    }
  }

  /// Counts and tells what is refused to who made this call.
  func refuse(_ counter: String, _ code: RPCError.Code, _ why: String, _ context: ServerContext) -> RPCError {
    counts.count(counter)
    let who = Self.address(context.remotePeer).map { "\($0)" } ?? context.remotePeer
    log.warning(counter, "agent to agent: \(who) was refused a call of \(context.descriptor.method): \(why)")
    return RPCError(code: code, message: why)
  }
}

extension Weft_Peer_V1_SignReply {
  /// A chain, DER, the one that was asked for first, and the roots of now.
  init(_ chain: [[UInt8]], roots: [[UInt8]]) {
    self.init()
    certificateChain = chain.map { .init($0) }
    self.roots = roots.map { .init($0) }
  }
}
