internal import Explanations
internal import MeshModel
internal import Policy
internal import Reactor
internal import Telemetry

/// What the admin socket tells of requests.
extension Control {
  /// The counters of every series that a worker has met.
  func requestTotals() -> RequestTotals {
    RequestTotals(
      fleet.counters.map(\.requests),
      fleet.requestSeries,
      startedAt_ms: Int64(started.realtime_us / 1000),
      uptime_ms: Int64((Clock.monotonic_ns() - started.monotonic_ns) / 1_000_000)
    )
  }

  /// The requests after the one asked for; asking opens the tap for the next seconds.
  func tapped(after: UInt64?, limit: Int, _ filter: TapFilter) -> TapReply {
    recorder.tap.arm(now_ns: Clock.monotonic_ns())
    let found = recorder.tap.read(after: after, limit: limit, filter)
    return TapReply(
      requests: found.requests,
      newest: found.newest,
      lost: found.lost,
      leftOut: fleet.outboxes.reduce(0) { $0 + $1.untapped }
    )
  }
}

extension Control {
  /// Who explains by the tables in force.
  var judge: RequestJudge {
    let (rules, limiters) = (snapshots.rules, fleet.limiters)
    return RequestJudge(
      policy: snapshots.table,
      table: rules.table,
      authorization: rules.authorization,
      tokens: rules.tokens?.verifier,
      peerRules: rules.peerRules,
      asksFrom_s: rules.asksFrom_s,
      allowance: { limit, client in
        limiters.remaining(
          rules.limitNumbers[limit],
          requests: rules.table.rateLimits[limit].requests,
          period_ns: rules.table.rateLimits[limit].period_ns,
          client: client,
          now_ns: Clock.monotonic_ns()
        )
      }
    )
  }

  /// A flow by its addresses, from one who shows no identity.
  func explain(_ direction: Direction, peer: IPAddress, port: UInt16, as identity: SPIFFEID? = nil) -> Explanation {
    guard direction == .inbound else {
      return snapshots.table.explain(.outbound, peer: peer, port: port, transport: .tcp)
    }
    var explained = judge.explain(inboundFrom: peer, port: port, as: identity, now_s: wall_s)
    noteUnmet(&explained.identity, peer, port)
    return explained
  }

  /// What would become of a request, by the tables in force, and of its endpoints what the workers know.
  func explain(_ question: RequestQuestion) -> HTTPResponse {
    let judge = judge
    if question.direction == .inbound, let source = question.source, let destination = question.request.destination {
      var explained = judge.explain(
        inbound: question.request,
        from: source,
        as: question.identity,
        to: destination,
        now_s: wall_s
      )
      if snapshots.rules.table.isMeshed(destination.ip) { noteUnmet(&explained.peer, source, destination.port) }
      return json(explained)
    }
    var explained = judge.explain(outbound: question.request)
    return survey(&explained.backends) ? json(explained) : stuck
  }

  /// The same of a TLS client.
  func explain(_ question: ServerNameQuestion) -> HTTPResponse {
    var explained = judge.explain(question)
    return survey(&explained.backends) ? json(explained) : stuck
  }

  /// Adds what the workers know of endpoints; false where one does not say it.
  private func survey(_ backends: inout [RequestExplanation.Backend]) -> Bool {
    guard let views = fleet.survey(endpoints: backends.flatMap { $0.endpoints.map(\.address) }) else { return false }
    for backend in backends.indices {
      for endpoint in backends[backend].endpoints.indices {
        backends[backend].endpoints[endpoint].live = LiveEndpoint(backends[backend].endpoints[endpoint].address, views)
      }
    }
    return true
  }
}

extension RequestTotals {
  /// What `workers` counted, summed, by the names of `registry`; series that nobody met are left out.
  init(_ workers: [RequestMetrics], _ registry: RequestSeriesRegistry, startedAt_ms: Int64, uptime_ms: Int64) {
    self.init(
      startedAtMs: startedAt_ms,
      uptimeMs: uptime_ms,
      boundsMs: RequestLayout.latencyBounds_ms,
      series: registry.series.enumerated().compactMap { number, labels in
        RequestSums(workers, series: number).map { RequestSeriesTotals(labels, $0) }
      },
      folded: registry.folded
    )
  }
}

extension RequestSeriesTotals {
  fileprivate init(_ labels: RequestSeries, _ sums: RequestSums) {
    self.init(
      direction: labels.direction,
      service: labels.service,
      route: labels.route,
      requests: sums.requests,
      successes: sums.successes,
      failures: sums.failures,
      retries: sums.retries,
      bytesReceived: sums.received,
      bytesSent: sums.sent,
      latencyBuckets: sums.latencyBuckets
    )
  }
}
