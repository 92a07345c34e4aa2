import Balancing
import MeshModel
@testable import ProxyPath
import Testing

@Suite struct RateLimitersTests {
  private static let hour_ns: UInt64 = 3_600_000_000_000
  private static let second_ns: UInt64 = 1_000_000_000

  @Test("A shared limit holds while ever new clients come under one of their own")
  func flood() {
    let limiters = RateLimiters()
    func shared() -> RateVerdict {
      limiters.take(0, requests: 10, period_ns: Self.second_ns, client: nil, now_ns: Self.hour_ns)
    }
    for _ in 0..<10 { #expect(shared() == .granted) }
    // Of each client one of ten an hour: much further from full than a limit that is full again in a second.
    for address in 0..<UInt32(100_000) {
      _ = limiters.take(
        1,
        requests: 10,
        period_ns: Self.hour_ns,
        client: IPAddress(v4: address),
        now_ns: Self.hour_ns
      )
    }
    #expect(shared() != .granted)
  }

  @Test("Clients of IPv4 count by address, of IPv6 by their /64")
  func clients() {
    let limiters = RateLimiters()
    func isGranted(_ client: IPAddress) -> Bool {
      limiters.take(0, requests: 1, period_ns: Self.hour_ns, client: client, now_ns: Self.hour_ns) == .granted
    }
    let prefix: UInt64 = 0x2001_0db8_0000_0001
    let (first, neighbour) = (IPAddress(high: prefix, low: 1), IPAddress(high: prefix, low: 2))
    #expect(isGranted(first) && !isGranted(neighbour) && isGranted(IPAddress(high: prefix + 1, low: 1)))
    #expect(isGranted(IPAddress(v4: 1)) && !isGranted(IPAddress(v4: 1)) && isGranted(IPAddress(v4: 2)))
  }

  @Test("Rules keep the numbers of limits whose names stay, and give each new name one that none had")
  func numbers() {
    func rules(_ names: [String], after older: RequestRules? = nil) -> RequestRules {
      let policies = names.map { name in
        TrafficPolicy(
          namespace: "shop",
          name: name,
          targets: [.service(name)],
          rateLimits: [TrafficPolicy.RateLimit(requests: 1, period_s: 1)]
        )
      }
      let services = names.map { MeshModel.Service(namespace: "shop", name: $0, ports: [.init(port: 80)]) }
      let mesh = MeshConfiguration(services: services, traffic: policies)
      return RequestRules(mesh, for: .unlabelled, version: 1, after: older)
    }
    let first = rules(["a", "b"])
    #expect(Set(first.limitNumbers).count == 2)
    let second = rules(["b", "c"], after: first)
    #expect(second.limitNumbers[0] == first.limitNumbers[1])
    #expect(!first.limitNumbers.contains(second.limitNumbers[1]))
    let third = rules(["a", "c"], after: second)
    #expect(third.limitNumbers[1] == second.limitNumbers[1])
    #expect(!(first.limitNumbers + second.limitNumbers).contains(third.limitNumbers[0]))
  }
}
