import Explanations
import Glibc
import HTTP1
import MeshModel
import Policy
@testable import ProxyPath
import Reactor
import Tokens

/// What the path decided of a request, in words that an explanation has too.
struct Judged: Equatable {
  /// `RequestEnd` of an answer of the proxy's own; `forwarded` where there is none, and `malformed` where no head was read.
  var end: String
  /// What the proxy answers itself.
  var status: UInt16?
  /// The path as it is forwarded.
  var path: String?
  /// `namespace/name:port`.
  var service = ""
  /// `namespace/route/rule`.
  var rule = ""
  /// Of AuthorizationPolicies; nil where none were asked.
  var verdict: VerdictDescription?
  var dryRunPolicy = ""
  var auditPolicy = ""
  /// Whether it goes on with a verified token.
  var hasToken = false
  /// The word for what was wrong with its token.
  var tokenFault = ""
  /// Where it may go: the service of the endpoint that is asked.
  var backend = ""
}

/// A worker whose own code judges requests that nobody sends, under rules that the test puts into force.
final class JudgeBench {
  let bench: WorkerBench

  init() throws { bench = try WorkerBench() }

  /// What `weft explain` would ask, by the rules that are in force in the worker.
  var judge: RequestJudge {
    let (rules, limiters, now_ns) = (bench.snapshots.rules, bench.worker.limiters, bench.worker.now_ns)
    return RequestJudge(
      policy: bench.snapshots.table,
      table: rules.table,
      authorization: rules.authorization,
      tokens: rules.tokens?.verifier,
      allowance: { limit, client in
        limiters.remaining(
          rules.limitNumbers[limit],
          requests: rules.table.rateLimits[limit].requests,
          period_ns: rules.table.rateLimits[limit].period_ns,
          client: client,
          now_ns: now_ns
        )
      }
    )
  }

  func put(_ mesh: MeshConfiguration, _ peers: [IPAddress: PeerStanding] = [:]) throws {
    bench.seat.publish(try Snapshot(policies: [], mesh: mesh), peers: peers, settled: [])
    bench.worker.turn(timeout_ms: 0)
  }

  /// Judges a request as the path does once its head has come: inbound by `judgeInbound`, outbound by `routeOutbound`.
  func judge(
    _ request: ImaginedRequest,
    _ direction: Direction,
    from source: IPAddress,
    to destination: SocketAddress
  ) throws -> Judged {
    let worker = bench.worker
    let (near, _) = try StreamPair.local().split()
    return request.head.withUnsafeBytes { bytes in
      worker.http.request = RequestHead()
      switch worker.http.request.parse(bytes) {
      case .refused(let fault): return Judged(end: "malformed", status: fault.status)
      case .partial: return Judged(end: "malformed", status: HeadFault.controlCharacter.status)
      case .whole: break
      }
      let slot = worker.http.clients.insert(
        HTTPClient(
          id: worker.nextID(),
          direction: direction,
          source: SocketAddress(source, port: 4711),
          destination: destination,
          verdict: .unasked,
          opened_ns: worker.now_ns,
          side: Side(near.give()),
          isAnnounced: false,
          isTrusted: direction == .outbound || worker.isTrusted(source),
          tick: worker.tick
        )
      )
      defer { worker.http.clients.remove(slot) }
      guard let client = worker.http.clients.pointer(slot) else { return Judged(end: "no client") }
      let place = worker.openExchange(client, slot, isWhole: true)
      guard let exchange = worker.http.exchanges.pointer(place) else { return Judged(end: "no exchange") }
      let decision =
        direction == .inbound
        ? worker.judgeInbound(client, exchange)
        : worker.routeOutbound(client, exchange, worker.requestedPort(client))
      let judged = words(decision, exchange.pointee.event)
      worker.finishRecord(client, exchange)
      return judged
    }
  }

  private func words(_ decision: RequestDecision, _ event: RequestEvent) -> Judged {
    let rules = bench.snapshots.rules
    var judged: Judged
    switch decision {
    case .answer(let answer): judged = Judged(end: "\(answer.end)", status: answer.status)
    case .forward(let plan):
      judged = Judged(end: "forwarded", path: String(decoding: plan.path, as: UTF8.self))
      judged.hasToken = plan.token != nil
      if event.backend >= 0 { judged.backend = rules.table.ports[Int(event.backend)].fullName }
    }
    if event.servicePort >= 0 { judged.service = rules.table.ports[Int(event.servicePort)].fullName }
    if event.rule >= 0 { judged.rule = rules.table.rules[Int(event.rule)].label }
    if let verdict = event.verdict {
      judged.verdict = rules.authorization.describe(verdict)
      judged.dryRunPolicy = rules.authorization.policyName(verdict.dryRunPolicy)
      judged.auditPolicy = rules.authorization.policyName(verdict.auditPolicy)
    }
    judged.tokenFault = TokenFault(rawValue: event.tokenFault).map { "\($0.text)" } ?? ""
    return judged
  }

  /// Forgets the records that judging left.
  func clear() { _ = bench.requests() }
}
