internal import HTTP1
public import MeshModel
internal import Policy

extension RequestJudge {
  /// A flow to `port` of the workload: what NetworkPolicies say of it, and whether who dials must show an identity. `now_s`
  /// is in seconds since 1970.
  public func explain(
    inboundFrom source: IPAddress,
    port: UInt16,
    as identity: SPIFFEID? = nil,
    now_s: Int64
  ) -> Explanation {
    var explained = policy.explain(.inbound, peer: source, port: port, transport: .tcp)
    explained.identity = peer(source, nil, port, identity, now_s)
    if let peer = explained.identity, peer.verdict.decision == .deny, explained.verdict.decision == .allow {
      explained.verdict = peer.verdict
    }
    return explained
  }

  /// Of the workload's address, where that is not said, it is taken for granted that a proxy is there.
  private func peer(
    _ source: IPAddress,
    _ own: IPAddress?,
    _ port: UInt16,
    _ identity: SPIFFEID?,
    _ now_s: Int64
  ) -> PeerExplanation? {
    peerRules?.explain(
      port: port,
      identity: identity,
      isBetweenMeshed: now_s >= asksFrom_s && table.isMeshed(source) && own.map(table.isMeshed) ?? true,
      now_s: now_s
    )
  }

  /// A request that `source`, with or without an identity, sends to the workload by dialling `destination`, in the order in
  /// which the proxy judges one. `now_s`, in seconds since 1970, is when its token must be valid.
  public func explain(
    inbound request: ImaginedRequest,
    from source: IPAddress,
    as identity: SPIFFEID? = nil,
    to destination: SocketAddress,
    now_s: Int64
  ) -> InboundExplanation {
    let connection = policy.decide(.inbound, peer: source, port: destination.port, transport: .tcp)
    var explained = InboundExplanation(
      request,
      workload: table.workload,
      source: source,
      destination: destination,
      connection: policy.describe(connection)
    )
    explained.peer = peer(source, destination.ip, destination.port, identity, now_s)
    let name = identity.map { PeerName($0) }
    request.head.withUnsafeBytes { bytes in
      var head = RequestHead()
      switch head.parse(bytes) {
      case .refused(let fault): explained.refuse(fault)
      // An imagined head has its end; it is partial only where a control character in it hides that.
      case .partial: explained.refuse(.controlCharacter)
      case .whole where head.hops >= HopCount.limit:
        explained.outcome = .loop
        explained.status = 508
        explained.summary = HopCount.summary
      case .whole: judge(&head, name, now_s, &explained)
      }
    }
    if let peer = explained.peer, peer.verdict.decision == .deny {
      explained.outcome = .unidentified
      explained.status = nil
      explained.summary = "the connection is reset, so no request is asked on it: \(peer.verdict.reason)"
    }
    if !connection.isAllowed {
      explained.outcome = .connectionDenied
      explained.status = nil
      explained.summary = "NetworkPolicies refuse the connection, so no request is asked on it"
    }
    return explained
  }

  private func judge(
    _ head: inout RequestHead,
    _ name: PeerName?,
    _ now_s: Int64,
    _ explained: inout InboundExplanation
  ) {
    let isTrusted = table.isKnownEndpoint(explained.source)
    let isForwarding = head.fields.first(.xForwardedFor) != nil
    // Who is not of the mesh may not speak for others, and without mutual TLS nobody may say who he is.
    head.fields.drop(isTrusted ? FieldNameSet.identity : FieldNameSet.foreign)
    let client = table.client(head, from: explained.source)
    explained.client = InboundExplanation.Client(
      address: client,
      reason: isForwarding ? forwarding(of: client, explained.source, isTrusted) : Self.ownConnection
    )
    let path = Array(head[head.path])
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, path.count), alignment: 1)
    defer { room.deallocate() }
    path.withUnsafeBytes { received in
      var facts = RequestFacts(
        source: explained.source,
        destination: explained.destination,
        path: received,
        host: head[head.host]
      )
      facts.remote = explained.client.address
      facts.identify(name)
      explained.path.reason = "no policy that decides speaks of paths, so it stays as it is"
      if authorization.usesPaths {
        let normalised = PathNormalization.normalize(received, into: room)
        facts.path = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(room)[..<normalised.count])
        facts.hazards = normalised.hazards
        explained.path.forwarded = String(decoding: facts.path, as: UTF8.self)
        explained.path.hazards = normalised.hazards.words
        explained.path.reason =
          normalised.isChanged
          ? "policies speak of paths, so it is normalised, and the program gets it so"
          : "policies speak of paths, and it is in normal form already"
      }
      let token = judgeToken(&head, now_s)
      explained.token = token.part
      facts.token = token.verified
      let verdict = authorization.explain(head, facts)
      explained.authorization = verdict
      explained.arrival = arrival(head, facts)
      // The facts point into it.
      withExtendedLifetime(name) {}
      explained.conclude(verdict.verdict)
    }
  }
}
