import Explanations
import Glibc
import MeshModel
import Policy
@testable import ProxyPath
import Testing
import WeftTestKit

/// `RequestJudge` tells people what the path would do, and has the order of judging for itself: here the path's own code is
/// asked the same, about requests that nobody sends.
@Suite("What is explained of a request is what the path does")
struct ExplainedAsJudgedTests {
  private static let meshes = 150
  private static let requestsPerMesh = 40

  @Test("where it comes to the workload, whatever documents say", arguments: [1, 2, 3, 4] as [UInt64])
  func inbound(seed: UInt64) throws {
    var source = RandomMesh(random: SplitMix64(seed: seed))
    let bench = try JudgeBench()
    var seen: [String: Int] = [:]
    for number in 0..<Self.meshes {
      let mesh = source.mesh(number)
      try bench.put(mesh, source.standings())
      // What each limit has let through, by the words it is explained with: whose limit, and whom it counts.
      var taken: [String: UInt32] = [:]
      for _ in 0..<Self.requestsPerMesh {
        let destination = SocketAddress(RandomMesh.endpoint.ip, port: source.pick(8080, 8080, 8080, 9))
        let request = try source.request(to: destination)
        let peer = RandomMesh.peers[Int.random(in: 0..<RandomMesh.peers.count, using: &source.random)]
        let now_s = Int64(time(nil))
        let explained = bench.judge.explain(inbound: request, from: peer, to: destination, now_s: now_s)
        var expected = Judged(explained, asksPolicies: !bench.bench.snapshots.rules.authorization.isEmpty)
        if explained.outcome == .allowed, let beyond = explained.arrival.limit.firstRange(of: ", 429 beyond") {
          let limit = String(explained.arrival.limit[..<beyond.lowerBound])
          let left = RandomMesh.allowance - taken[limit, default: 0]
          #expect(explained.arrival.limit[beyond.upperBound...] == ", \(left) left now")
          if left == 0 { expected.limit() } else { taken[limit, default: 0] += 1 }
        }
        let judged = try bench.judge(request, .inbound, from: peer, to: destination)
        #expect(judged == expected, "\(request) from \(peer) under \(mesh)")
        seen[judged.end, default: 0] += 1
      }
      bench.clear()
    }
    // The requests must be a mixture, or agreement says little.
    for end in ["forwarded", "malformed", "loop", "unauthenticated", "denied", "rateLimited"] {
      #expect((seen[end] ?? 0) > 50, "\(seen)")
    }
  }

  @Test("where it leaves the workload, whatever documents say", arguments: [5, 6, 7, 8] as [UInt64])
  func outbound(seed: UInt64) throws {
    var source = RandomMesh(random: SplitMix64(seed: seed))
    let bench = try JudgeBench()
    var seen: [RequestExplanation.Outcome: Int] = [:]
    for number in 0..<Self.meshes {
      let mesh = source.mesh(number)
      try bench.put(mesh)
      for _ in 0..<Self.requestsPerMesh {
        let destination = source.pick(RandomMesh.virtual, SocketAddress(IPAddress(v4: 0xc000_0202), port: 80))
        let request = try source.request(to: destination)
        let explained = bench.judge.explain(outbound: request)
        let judged = try bench.judge(request, .outbound, from: RandomMesh.peers[0], to: destination)
        #expect(judged == Judged(explained), "\(request) to \(destination) under \(mesh)")
        seen[explained.outcome, default: 0] += 1
      }
      bench.clear()
    }
    for outcome in [
      RequestExplanation.Outcome.direct, .routed, .redirected, .noRule, .noBackend, .originalDestination, .refused,
      .aborted, .loop, .malformed,
    ] {
      #expect((seen[outcome] ?? 0) > 20, "\(outcome) of \(seen)")
    }
  }
}

extension Judged {
  /// A limit has no room for it.
  fileprivate mutating func limit() { (end, status, path, hasToken) = ("rateLimited", 429, nil, false) }

  /// What the path is to do by an explanation, but for limits, of whose allowances an explanation knows nothing.
  init(_ explained: InboundExplanation, asksPolicies: Bool) {
    switch explained.outcome {
    case .malformed: self.init(end: "malformed", status: explained.status)
    case .loop: self.init(end: "loop", status: explained.status)
    case .unauthenticated:
      self.init(end: "unauthenticated", status: explained.status)
      tokenFault = explained.token.reason
    case .denied: self.init(end: "denied", status: explained.status)
    case .connectionDenied, .unidentified: self.init(end: "connectionDenied")
    case .allowed:
      self.init(end: "forwarded", path: explained.path.forwarded)
      service = explained.arrival.service
      rule = explained.arrival.rule
      hasToken = explained.token.outcome == .valid
    }
    guard asksPolicies, explained.outcome == .allowed || explained.outcome == .denied,
      let authorization = explained.authorization
    else { return }
    verdict = authorization.verdict
    dryRunPolicy = authorization.dryRunPolicy
    auditPolicy = authorization.auditPolicy
  }

  /// What the path is to do by an explanation before an endpoint is chosen.
  init(_ explained: RequestExplanation) {
    switch explained.outcome {
    case .malformed: self.init(end: "malformed", status: explained.status)
    case .loop: self.init(end: "loop", status: explained.status)
    case .refused: self.init(end: "unknownName", status: explained.status)
    case .noRule: self.init(end: "noRoute", status: explained.status)
    case .noBackend: self.init(end: "noBackend", status: explained.status)
    case .redirected: self.init(end: "redirected", status: explained.status)
    case .aborted: self.init(end: "aborted", status: explained.status)
    case .originalDestination: self.init(end: "forwarded", path: explained.request.path)
    case .direct, .routed:
      self.init(end: "forwarded", path: explained.request.path)
      backend = explained.backends.first?.service ?? ""
    }
    service = explained.destination.service
    rule = explained.rule?.rule ?? ""
  }
}
