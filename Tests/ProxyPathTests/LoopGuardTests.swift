import MeshModel
@testable import ProxyPath
import Testing
import WeftTestKit

@Suite struct LoopGuardTests {
  /// A mark in a reference, so that many can be kept.
  private final class Held {
    private let mark: LoopMark
    init(_ mark: consuming LoopMark) { self.mark = mark }
  }

  private static func address(using random: inout SplitMix64) -> SocketAddress {
    let port = UInt16.random(in: 1...(.max), using: &random)
    // Few networks, as in a pod: most addresses differ in a few bits only.
    if Bool.random(using: &random) {
      return SocketAddress(IPAddress(v4: 0x0a00_0000 | .random(in: 0...1023, using: &random)), port: port)
    }
    let ip = IPAddress(high: 0xfd00 << 48, low: .random(in: 0...1023, using: &random))
    return SocketAddress(ip, port: port)
  }

  @Test(
    "A connection that was dialled is known when it comes back; its reverse, its neighbours and strangers are not",
    arguments: [1, 2, 3] as [UInt64]
  )
  func exact(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let loopGuard = LoopGuard()
    var held: [Held] = []
    for round in 0..<5000 {
      let (from, to) = (Self.address(using: &random), Self.address(using: &random))
      guard !loopGuard.knows(from: from, to: to) else {
        Issue.record("round \(round): \(from) -> \(to) was never dialled")
        return
      }
      held.append(Held(loopGuard.remember(from: from, to: to)))
      let neighbours = [
        (SocketAddress(from.ip, port: from.port ^ 1), to), (from, SocketAddress(to.ip, port: to.port ^ 1)),
        (SocketAddress(IPAddress(high: from.ip.high, low: from.ip.low ^ 1), port: from.port), to),
        (from, SocketAddress(IPAddress(high: to.ip.high ^ 1, low: to.ip.low), port: to.port)), (to, from),
      ]
      guard loopGuard.knows(from: from, to: to),
        !neighbours.contains(where: { ($0, $1) != (from, to) && loopGuard.knows(from: $0, to: $1) })
      else {
        Issue.record("round \(round): \(from) -> \(to) is mistaken")
        return
      }
    }
  }

  @Test("The port of a client alone tells its connections apart: no two of all 65,535 are taken for each other")
  func everyPort() {
    let to = SocketAddress(IPAddress(v4: 0x0a00_0002), port: 80)
    let loopGuard = LoopGuard()
    let mark = Held(loopGuard.remember(from: SocketAddress(IPAddress(v4: 0x0a00_0001), port: 4711), to: to))
    let taken = (1...UInt16.max).filter {
      loopGuard.knows(from: SocketAddress(IPAddress(v4: 0x0a00_0001), port: $0), to: to)
    }
    withExtendedLifetime(mark) { #expect(taken == [4711]) }
  }

  @Test("Marks use all of their table: after 1,024 dials about two thirds of them are still known")
  func spread() {
    let to = SocketAddress(IPAddress(v4: 0x0a00_0002), port: 443)
    let loopGuard = LoopGuard()
    let clients = (0..<1024).map { SocketAddress(IPAddress(v4: 0x0a00_0001), port: 32_768 + 2 * $0) }
    let held = clients.map { Held(loopGuard.remember(from: $0, to: to)) }
    let known = withExtendedLifetime(held) { clients.filter { loopGuard.knows(from: $0, to: to) }.count }
    // 1024 (1 - 1/e) = 647 for a fair spread over 1,024 places; over half of them it would be 443.
    #expect((590...1024).contains(known))
  }

  @Test("A mark ends with its connection: a program that gets the port next is not taken for the proxy")
  func marksEnd() {
    var random = SplitMix64(seed: 4)
    let loopGuard = LoopGuard()
    let tuples = (0..<3000).map { _ in (Self.address(using: &random), Self.address(using: &random)) }
    for (from, to) in tuples { _ = loopGuard.remember(from: from, to: to) }
    #expect(tuples.filter { loopGuard.knows(from: $0, to: $1) }.isEmpty)
  }

  @Test("A connection that ends takes away no mark but its own, though many share its place")
  func othersStay() {
    var random = SplitMix64(seed: 5)
    let loopGuard = LoopGuard()
    let older = (0..<5000).map { _ in
      Held(loopGuard.remember(from: Self.address(using: &random), to: Self.address(using: &random)))
    }
    let (from, to) = (Self.address(using: &random), Self.address(using: &random))
    let latest = Held(loopGuard.remember(from: from, to: to))
    _ = consume older
    withExtendedLifetime(latest) { #expect(loopGuard.knows(from: from, to: to)) }
  }

  @Test(
    "Who comes with a mark is served, since it may be a program's behind a port that NAT chose; who comes again is not"
  )
  func twoRounds() {
    var random = SplitMix64(seed: 6)
    let loopGuard = LoopGuard()
    for _ in 0..<500 {
      let (from, next, to) = (
        Self.address(using: &random), Self.address(using: &random), Self.address(using: &random)
      )
      let first = loopGuard.remember(from: from, to: to)
      #expect(loopGuard.sighting(from: from, to: to) == .marked && !first.isSuspect)
      let second = loopGuard.remember(from: next, to: to, isSuspect: true)
      #expect(loopGuard.sighting(from: next, to: to) == .loop && second.isSuspect)
      _ = consume second
      #expect(loopGuard.sighting(from: next, to: to) == .stranger)
      _ = consume first
    }
  }
}

extension LoopGuard {
  fileprivate func knows(from source: SocketAddress, to destination: SocketAddress) -> Bool {
    sighting(from: source, to: destination) != .stranger
  }
}
