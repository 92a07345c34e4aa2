import DNS
import MeshModel
import Testing

@Suite("Hosts whose addresses are kept")
struct HostTableTests {
  private var hosts = HostTable()
  private let both: Set<RecordType> = [.a, .aaaa]

  private func v4(_ last: UInt32...) -> [IPAddress] { last.map { IPAddress(v4: 0xc000_0200 | $0) } }
  private let v6 = IPAddress(high: 0x2001_0db8_0000_0000, low: 1)

  /// Asks for `a.test`, which is due, for IPv4 alone.
  private mutating func ask(_ answer: HostAnswer, at now_ms: UInt64) -> HostTable.Change {
    #expect(hosts.takeDue([.a], now_ms: now_ms) == ["a.test"])
    return hosts.take(answer, .a, of: "a.test", now_ms: now_ms)
  }

  @Test("are asked for at once, and again when their answer has run out, within bounds")
  mutating func schedule() {
    hosts.want(["a.test"], now_ms: 100)
    #expect(hosts.nextDue_ms == 100)
    #expect(ask(.addresses(v4(1), ttl_s: 30), at: 100) == .addresses(v4(1)))
    #expect(hosts.nextDue_ms == 30_100 && hosts.takeDue(both, now_ms: 30_099).isEmpty)
    #expect(ask(.addresses(v4(1), ttl_s: 0), at: 30_100) == .nothing)
    #expect(hosts.nextDue_ms == 30_100 + ResolutionLimit.shortest_ms)
    #expect(ask(.addresses(v4(1), ttl_s: .max), at: 40_000) == .nothing)
    #expect(hosts.nextDue_ms == 40_000 + ResolutionLimit.longest_ms)
  }

  @Test("have the same addresses in whatever order these come, and the first stays first for as long as it is one")
  mutating func order() {
    hosts.want(["a.test"], now_ms: 0)
    #expect(ask(.addresses(v4(3, 1, 2), ttl_s: 0), at: 0) == .addresses(v4(3, 1, 2)))
    #expect(ask(.addresses(v4(2, 3, 1), ttl_s: 0), at: 5_000) == .nothing)
    #expect(ask(.addresses(v4(4, 3, 2), ttl_s: 0), at: 10_000) == .addresses(v4(3, 2, 4)))
    #expect(ask(.addresses(v4(4, 2), ttl_s: 0), at: 15_000) == .addresses(v4(4, 2)))
    #expect(hosts.addresses == ["a.test": v4(4, 2)])
  }

  @Test(
    "keep what was found where they cannot be asked for, or are said to be no more; that is told once, and that it is over"
  )
  mutating func failure() throws {
    hosts.want(["a.test"], now_ms: 0)
    #expect(ask(.failed("nobody is there"), at: 0) == .failed("nobody is there", kept: 0))
    #expect(ask(.addresses(v4(1), ttl_s: 0), at: 5_000) == .addresses(v4(1)))
    #expect(hosts.problems.isEmpty)
    #expect(ask(.none, at: 10_000) == .failed("it has no address", kept: 1))
    #expect(ask(.failed("refused"), at: 20_000) == .nothing)
    let problem = try #require(hosts.problems.first)
    #expect(problem.host == "a.test" && problem.reason == "refused" && problem.kept == 1)
    #expect(problem.foundAt_ms == 5_000 && hosts.addresses == ["a.test": v4(1)])
    #expect(ask(.addresses(v4(1), ttl_s: 60), at: 30_000) == .recovered)
    #expect(hosts.problems.isEmpty)
  }

  @Test("are asked for again after failures at times that grow up to a bound")
  mutating func backoff() {
    hosts.want(["a.test"], now_ms: 0)
    var (now_ms, pauses): (UInt64, [UInt64]) = (0, [])
    for _ in 0..<9 {
      _ = ask(.failed("no"), at: now_ms)
      let due_ms = hosts.nextDue_ms ?? 0
      pauses.append(due_ms - now_ms)
      now_ms = due_ms
    }
    #expect(pauses == [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
  }

  @Test("are known when both families are answered; one that fails beside one that does not stays as it was")
  mutating func families() {
    hosts.want(["a.test"], now_ms: 0)
    #expect(hosts.takeDue(both, now_ms: 0) == ["a.test"])
    #expect(hosts.take(.addresses(v4(1), ttl_s: 9), .a, of: "a.test", now_ms: 0) == .nothing)
    #expect(hosts.take(.addresses([v6], ttl_s: 7), .aaaa, of: "a.test", now_ms: 0) == .addresses(v4(1) + [v6]))
    #expect(hosts.nextDue_ms == 7_000)
    _ = hosts.takeDue(both, now_ms: 7_000)
    #expect(hosts.take(.failed("no"), .aaaa, of: "a.test", now_ms: 7_000) == .nothing)
    #expect(hosts.take(.addresses(v4(2), ttl_s: 9), .a, of: "a.test", now_ms: 7_000) == .addresses(v4(2) + [v6]))
    #expect(hosts.problems.isEmpty)
    _ = hosts.takeDue(both, now_ms: 20_000)
    #expect(hosts.take(.none, .aaaa, of: "a.test", now_ms: 20_000) == .nothing)
    #expect(hosts.take(.addresses(v4(2), ttl_s: 9), .a, of: "a.test", now_ms: 20_000) == .addresses(v4(2)))
  }

  @Test("are not asked for twice at a time, nor too many at a time, nor more than are kept")
  mutating func bounds() {
    let names = (0..<ResolutionLimit.hosts + 5).map { String($0 + 1_000) + ".test" }
    hosts.want(Set(names), now_ms: 0)
    #expect(hosts.leftOut == 5)
    #expect(hosts.takeDue([.a], now_ms: 0) == Array(names.prefix(ResolutionLimit.atOnce)))
    #expect(hosts.takeDue([.a], now_ms: 0).isEmpty && hosts.nextDue_ms == nil)
    _ = hosts.take(.addresses(v4(1), ttl_s: 60), .a, of: names[0], now_ms: 0)
    #expect(hosts.takeDue([.a], now_ms: 0) == [names[ResolutionLimit.atOnce]])
    #expect(hosts.take(.addresses(v4(9), ttl_s: 60), .a, of: names[0], now_ms: 0) == .nothing, "not asked for")
    hosts.want([names[0]], now_ms: 1)
    #expect(hosts.addresses.keys.sorted() == [names[0]])
    #expect(hosts.take(.addresses(v4(1), ttl_s: 60), .a, of: names[1], now_ms: 1) == .nothing, "not wanted any more")
  }
}
