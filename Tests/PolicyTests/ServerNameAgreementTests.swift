import MeshModel
import Policy
import Testing
import WeftTestKit

/// What is told of a TLS client, found by walking the documents, and what the path does with one, by compiled tables.
@Suite("Leading TLS clients and explaining it")
struct ServerNameAgreementTests {
  @Test("agree on 5,000 seeded hellos: the outcome, the service, the rule and every backend that may be drawn")
  func agree() throws {
    var random = SplitMix64(seed: 20_261_130)
    var counts: [ServerNameExplanation.Outcome: Int] = [:]
    for _ in 0..<200 {
      let mesh = random.mesh()
      let workload = try Workload(namespace: random.pick(["shop", "bank", "else"]))
      let table = RequestTable(mesh, for: workload)
      for _ in 0..<25 {
        let question = try random.question()
        let explained = table.explain(question)
        counts[explained.outcome, default: 0] += 1
        #expect(explained.decision == table.decision(question), "\(question) \(workload.namespace) \(mesh)")
        #expect(explained.hosts.count(where: \.isChosen) <= 1 && explained.hostsLeftOut == 0)
      }
    }
    // They must be a mixture, or agreement says little.
    for outcome: ServerNameExplanation.Outcome in [
      .direct, .routed, .noRoute, .noBackend, .originalDestination, .refused, .requestsOnly, .unreachable,
    ] {
      #expect((counts[outcome] ?? 0) > 15, "\(counts)")
    }
  }
}

/// What both sides say, in one form.
private struct Decision: Equatable {
  var outcome: ServerNameExplanation.Outcome
  var service = ""
  var rule = ""
  var backends: Set<String> = []
}

extension ServerNameExplanation {
  fileprivate var decision: Decision {
    let reached = backends.filter { $0.percent > 0 && !$0.problem.contains("it is refused") }
    // Where some backends are not there the draw decides; both sides tell those that are.
    return Decision(
      outcome: outcome,
      service: destination.service,
      rule: rule,
      backends: outcome == .routed || outcome == .direct ? Set(reached.map(\.service)) : []
    )
  }
}

extension RequestTable {
  /// What the path does, step by step (`Outbound.judge`, `startService`, `followHello`).
  fileprivate func decision(_ question: ServerNameQuestion) -> Decision {
    let dialled = question.destination.flatMap { port(at: $0) }
    if let dialled {
      if ports[dialled].appProtocol == .http {
        return Decision(outcome: .requestsOnly, service: ports[dialled].fullName)
      }
      if !ports[dialled].endpoints.contains(where: \.isReady) {
        return Decision(outcome: .unreachable, service: ports[dialled].fullName)
      }
    }
    let name = Array(question.name.utf8)
    return name.withUnsafeBytes { name in
      guard let port = port(serverName: name, question.port) ?? dialled else {
        let isRefused = outboundMode == .registryOnly && !name.isEmpty
        return Decision(outcome: isRefused ? .refused : .originalDestination)
      }
      var decision = Decision(outcome: .direct, service: ports[port].fullName)
      for draw in 0..<24 {
        switch route(port, serverName: name, draw: UInt64(draw) &* (.max / 23)) {
        case .direct: decision.backends = [ports[port].fullName]
        case .noRule: decision.outcome = .noRoute
        case .noBackend(let rule):
          if decision.outcome != .routed { decision.outcome = .noBackend }
          decision.rule = rules[rule].label
        case .rule(let rule, let backend, _):
          decision.outcome = .routed
          decision.rule = rules[rule].label
          decision.backends.insert(ports[Int(backend)].fullName)
        }
      }
      return decision
    }
  }
}

extension SplitMix64 {
  fileprivate mutating func pick<Element>(_ choices: [Element]) -> Element {
    choices[Int.random(in: 0..<choices.count, using: &self)]
  }

  private mutating func some<Element>(_ range: ClosedRange<Int>, _ make: (inout SplitMix64) -> Element) -> [Element] {
    (0..<Int.random(in: range, using: &self)).map { _ in make(&self) }
  }

  private mutating func name() -> String {
    some(1...2) { $0.pick(["a", "b", "ab"]) }.joined(separator: ".") + ".test"
  }

  /// Services `s0`, `s1`... with hosts, ports and addresses, and TLSRoutes of some of them.
  fileprivate mutating func mesh() -> MeshConfiguration {
    let services = (0..<Int.random(in: 1...5, using: &self)).map { index in
      let hosts = Set(some(0...3) { ($0.pick(["", "", "*."])) + $0.name() })
      return Service(
        namespace: pick(["shop", "shop", "bank"]),
        name: "s\(index)",
        addresses: [IPAddress(v4: 0x0a60_0000 + UInt32(index))],
        ports: [443, 8_443].filter { $0 == 443 || Bool.random(using: &self) }.map { port in
          Service.Port(
            name: "p\(port)",
            port: port,
            appProtocol: pick([.tls, .tls, .tls, .http, .tcp, .unspecified]),
            endpoints: pick([true, true, true, false])
              ? [Endpoint(SocketAddress(IPAddress(v4: 0x0a02_0000 + UInt32(index)), port: port))] : []
          )
        },
        hosts: hosts.sorted()
      )
    }
    let routes = (0..<Int.random(in: 0...4, using: &self)).map { index in route("r\(index)", services) }
    let closed = SidecarPolicy(namespace: pick(["shop", "bank", "else"]), name: "s", outboundMode: .registryOnly)
    return MeshConfiguration(services: services, routes: routes, sidecars: Bool.random(using: &self) ? [closed] : [])
  }

  private mutating func route(_ name: String, _ services: [Service]) -> HTTPRoute {
    let parent = pick(services)
    return HTTPRoute(
      pick([.tls, .tls, .tls, .http]),
      namespace: pick([parent.namespace, parent.namespace, "bank", "else"]),
      name: name,
      created_s: pick([nil, 1, 2]),
      parents: [.init(namespace: parent.namespace, service: parent.name, port: pick([nil, nil, 443, 8_443]))],
      hostnames: Bool.random(using: &self) ? [] : some(1...2) { $0.pick(["", "*."]) + $0.name() },
      rules: [
        .init(
          backends: some(0...2) { random in
            let service = random.pick(services)
            let isThere = random.pick([true, true, false])
            return .init(
              namespace: service.namespace,
              service: isThere ? service.name : "nobody",
              port: 443,
              weight: random.pick([0, 1, 1])
            )
          }
        )
      ]
    )
  }

  fileprivate mutating func question() throws -> ServerNameQuestion {
    let meshNames = ["s0", "S1.shop", "s0.bank.mesh", "s2.shop.svc.", "s1.bank.svc.cluster.local", "nobody", "s0.."]
    let name = pick([name(), name(), name().uppercased(), name() + ".", pick(meshNames), "test", ".", ".a.test"])
    let port: UInt16 = pick([443, 443, 8_443, 444])
    let address: UInt32 = pick([0x0a60_0000, 0x0a60_0001, 0x0a60_0002, 0xc000_0201])
    let isNameless = Int.random(in: 0..<8, using: &self) == 0
    let destination = isNameless || Bool.random(using: &self) ? SocketAddress(IPAddress(v4: address), port: port) : nil
    return try ServerNameQuestion(isNameless ? "" : name, port: port, to: destination)
  }
}
