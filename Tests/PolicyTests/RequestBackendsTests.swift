import MeshModel
import Policy
import Testing
import WeftTestKit

@Suite("A rule sends requests")
struct RequestBackendsTests {
  /// How many of `draws` evenly spread draws go to each backend; nil counts those that go nowhere.
  private func spread(_ backends: [HTTPRoute.Backend], draws: Int = 10_000, seed: UInt64 = 7) throws -> [String?: Int] {
    let probe = try RequestProbe(rules: [.init(backends: backends)])
    var random = SplitMix64(seed: seed)
    let scratch = PatternScratch()
    return try probe.parse("GET", "/", host: "web") { head in
      var counts: [String?: Int] = [:]
      for _ in 0..<draws {
        switch probe.table.route(0, head, draw: random.next(), scratch: scratch) {
        case .rule(_, let backend, let entry):
          #expect(probe.table.backends[Int(entry)].port == backend)
          counts[probe.table.ports[Int(backend)].service, default: 0] += 1
        case .noBackend(let rule):
          #expect(rule == 0)
          counts[nil, default: 0] += 1
        case .direct, .noRule: Issue.record("the rule takes everything")
        }
      }
      return counts
    }
  }

  @Test("to the service itself where it names no backend")
  func parent() throws {
    #expect(try RequestProbe(rules: [.init()]).choice() == .rule(0, backend: 0, backendEntry: -1))
  }

  @Test("to its backends by weight, within two percent")
  func weights() throws {
    let counts = try spread([.shop("a", weight: 90), .shop("b", weight: 9), .shop("c", weight: 1)], draws: 100_000)
    for (name, share) in [("a", 0.90), ("b", 0.09), ("c", 0.01)] {
      let found = Double(counts[name] ?? 0) / 100_000
      #expect(abs(found - share) < 0.02 * max(share, 0.1), "\(name): \(found)")
    }
  }

  @Test("to a backend of the lowest and of the highest draw, each")
  func edges() throws {
    let probe = try RequestProbe(rules: [.init(backends: [.shop("a"), .shop("b"), .shop("c")])])
    #expect(try probe.choice(draw: 0) == .rule(0, backend: 1, backendEntry: 0))
    #expect(try probe.choice(draw: .max) == .rule(0, backend: 3, backendEntry: 2))
    let heavy = try RequestProbe(rules: [.init(backends: [.shop("a", weight: .max), .shop("b", weight: .max)])])
    #expect(try heavy.choice(draw: .max) == .rule(0, backend: 2, backendEntry: 1))
  }

  @Test("never to one without weight")
  func zeroWeight() throws {
    #expect(try spread([.shop("a", weight: 0), .shop("b"), .shop("c", weight: 0)]) == ["b": 10_000])
  }

  @Test("nowhere where all are without weight")
  func noWeight() throws {
    #expect(try spread([.shop("a", weight: 0), .shop("b", weight: 0)]) == [nil: 10_000])
  }

  @Test("nowhere for the share of a service or port that the mesh does not have")
  func unknown() throws {
    #expect(try spread([.shop("nobody")]) == [nil: 10_000])
    #expect(try spread([.init(namespace: "shop", service: "a", port: 81)]) == [nil: 10_000])
    let counts = try spread([.shop("a"), .shop("nobody")])
    #expect(abs((counts[nil] ?? 0) - 5_000) < 200 && (counts["a"] ?? 0) + (counts[nil] ?? 0) == 10_000)
  }

  @Test("nowhere at all where it redirects, whatever backends it names")
  func redirect() throws {
    let rule = HTTPRoute.Rule(filters: [.redirect(.init(hostname: "x"))], backends: [.shop("nobody")])
    let probe = try RequestProbe(rules: [rule])
    #expect(try probe.choice() == .rule(0, backend: 0, backendEntry: -1))
    #expect(probe.table.rules[0].redirect?.status == 302)
  }

  @Test("with copies to the mirrors that the mesh has, and with what a backend asks for on top")
  func mirrorsAndFilters() throws {
    let edits = HTTPRoute.HeaderEdits(set: [.init("x-version", "2")])
    let table = try RequestProbe(rules: [
      .init(
        filters: [
          .mirror(.shop("c"), partsPerMillion: 250_000), .mirror(.shop("nobody"), partsPerMillion: 1_000_000),
        ],
        backends: [.shop("a"), .shop("b", filters: [.requestHeaders(edits), .responseHeaders(edits)])]
      )
    ]).table
    #expect(table.rules[0].mirrors.map(\.port) == [3] && table.rules[0].mirrors[0].partsPerMillion == 250_000)
    #expect(table.backends[0].requestEdits.isEmpty && table.backends[0].responseEdits.isEmpty)
    #expect(table.backends[1].requestEdits.appended == Array("x-version: 2\r\n".utf8))
    #expect(table.backends[1].responseEdits.removed == [Array("x-version".utf8)])
  }

  @Test("with its timeouts in nanoseconds, and tries again for the statuses it names")
  func timeoutsAndRetries() throws {
    let table = try RequestProbe(rules: [
      .init(
        requestTimeout_ms: .max,
        backendTimeout_ms: 250,
        retry: .init(codes: [500, 503, 599, 400, 99, 700], attempts: 3, backoff_ms: 40)
      ), .init(),
    ]).table
    #expect(
      table.rules[0].requestTimeout_ns == 4_294_967_295_000_000 && table.rules[0].backendTimeout_ns == 250_000_000
    )
    #expect(table.rules[1].requestTimeout_ns == 0 && table.rules[1].retry == nil)
    let retry = try #require(table.rules[0].retry)
    #expect(retry.attempts == 3 && retry.backoff_ns == 40_000_000)
    #expect((UInt16(0)...999).filter(retry.retries) == [400, 500, 503, 599])
  }
}
