import MeshModel
import Testing
import WeftTestKit

@testable import AgentCore

@Suite("Which authority is asked")
struct AuthorityChoiceTests {
  private let hosts = (1...3).map {
    AuthorityChoice.Candidate(name: "h\($0)", address: SocketAddress(IPAddress(v4: 0x0a00_0000 + $0), port: 15012))
  }

  @Test("is any of those that answer, so that each has its share")
  func shared() {
    var choice = AuthorityChoice()
    var random = SplitMix64(seed: 3)
    var first: Set<String> = []
    for _ in 0..<100 {
      let order = choice.order(hosts, now_ms: 0, using: &random)
      #expect(Set(order) == Set(hosts))
      first.formUnion(order.prefix(1).map(\.name))
    }
    #expect(first.count == 3)
  }

  @Test("is none that did not answer of late, until it does, or the pause is over, or there is no other")
  func failed() {
    var choice = AuthorityChoice()
    var random = SplitMix64(seed: 3)
    choice.failed(hosts[0], now_ms: 1_000)
    #expect(Set(choice.order(hosts, now_ms: 2_000, using: &random)) == Set(hosts[1...]))
    choice.failed(hosts[1], now_ms: 2_000)
    choice.failed(hosts[2], now_ms: 3_000)
    #expect(choice.order(hosts, now_ms: 4_000, using: &random) == hosts, "the one that failed longest ago first")
    choice.answered(hosts[2])
    #expect(choice.order(hosts, now_ms: 5_000, using: &random) == [hosts[2]])
    let over_ms = 2_000 + AuthorityChoice.pause_ms
    #expect(Set(choice.order(hosts, now_ms: over_ms, using: &random)) == Set(hosts))
  }

  @Test("is one of a few, so that nobody waits for ever")
  func bounded() {
    var choice = AuthorityChoice()
    var random = SplitMix64(seed: 3)
    let many = (1...16).map {
      AuthorityChoice.Candidate(name: "h\($0)", address: SocketAddress(IPAddress(v4: 0x0a00_0000 + $0), port: 15012))
    }
    #expect(choice.order(many, now_ms: 0, using: &random).count == AuthorityChoice.limit)
  }
}
