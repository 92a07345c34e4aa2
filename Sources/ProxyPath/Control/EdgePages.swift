internal import Explanations
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor
internal import TransportSecurity

/// What the admin socket tells of edges and of connections to other proxies.
extension Control {
  /// Edges told of by `weft check`; `weft edges` has the others.
  private static let toldEdges = 3

  /// `/v1/edges`: who talks with whom, and how.
  func edges() -> HTTPResponse {
    guard let found = fleet.surveyEdges() else { return stuck }
    let judge = EdgeJudge(snapshots.rules.table)
    return json(EdgeList(edges: found.edges.map { report($0, judge) }, folded: found.folded))
  }

  /// `/v1/peers`: connections to and from other proxies, the oldest first.
  func peers(_ limit: Int) -> HTTPResponse {
    guard let found = fleet.surveyPeers(limit: limit) else { return stuck }
    let sorted = found.peers.sorted { $0.ageMs > $1.ageMs }
    return json(
      PeerList(peers: Array(sorted.prefix(limit)), truncated: found.isTruncated || sorted.count > limit)
    )
  }

  /// What goes in plain text within the mesh and was used lately: what can be helped, and what waits for a proxy.
  func plainTextFindings() -> (warnings: [String], notes: [String]) {
    guard let found = fleet.surveyEdges() else { return ([], []) }
    let judge = EdgeJudge(snapshots.rules.table)
    var (warnings, notes): ([String], [String]) = ([], [])
    for edge in found.edges.sorted(by: { $0.requests &+ $0.connections > $1.requests &+ $1.connections }) {
      guard edge.key.security == .plain, edge.unused_ms < Int64(EdgeLimit.unusedTicks) * Int64(TimerWheel.tick_ms)
      else {
        continue
      }
      let verdict = judge.judge(edge.key.direction, from: edge.key.source, to: edge.key.destination, .plainText)
      guard verdict.isPlainWithinMesh else { continue }
      let text = sentence(edge, judge, verdict)
      if verdict.isAvoidable { warnings.append(text) } else { notes.append(text) }
    }
    return (Self.cut(warnings), Self.cut(notes))
  }

  private static func cut(_ texts: [String]) -> [String] {
    guard texts.count > toldEdges else { return texts }
    return texts.prefix(toldEdges) + ["and \(texts.count - toldEdges) more in plain text; see weft edges"]
  }

  private func sentence(_ edge: EdgeAnswer.Seen, _ judge: EdgeJudge, _ verdict: EdgeJudge.Verdict) -> String {
    let whom =
      switch edge.key.direction {
      case .outbound: "to \(named(judge.service(at: edge.key.destination), "\(edge.key.destination)"))"
      case .inbound:
        "from \(named(judge.service(at: edge.key.source), "\(edge.key.source)")) to port \(edge.key.destination.port)"
      }
    let uses = edge.requests &+ edge.connections
    return "plain text within the mesh, \(uses) \(uses == 1 ? "time" : "times") \(whom): \(verdict.reason)"
  }

  private func named(_ service: String?, _ address: String) -> String {
    service.map { "\($0) (\(address))" } ?? address
  }

  private func report(_ edge: EdgeAnswer.Seen, _ judge: EdgeJudge) -> EdgeReport {
    let security: EdgeReport.Security =
      switch edge.key.security {
      case .plain: .plainText
      case .programTLS: .programTLS
      case .serverTLS: .serverTLS
      case .mutualTLS: .mutualTLS
      }
    let verdict = judge.judge(edge.key.direction, from: edge.key.source, to: edge.key.destination, security)
    let own = edge.peer == nil ? nil : identity?.current?.own.spiffeID.description
    let peer = edge.peer?.description
    let isInbound = edge.key.direction == .inbound
    return EdgeReport(
      direction: edge.key.direction,
      source: edge.key.source,
      sourceService: judge.service(at: edge.key.source),
      destination: edge.key.destination,
      destinationService: judge.service(at: edge.key.destination),
      clientIdentity: isInbound ? peer : own,
      serverIdentity: isInbound ? own : peer,
      security: security,
      reason: verdict.reason,
      isPlainWithinMesh: verdict.isPlainWithinMesh,
      requests: edge.requests,
      connections: edge.connections,
      lastUsedMs: edge.unused_ms
    )
  }
}
