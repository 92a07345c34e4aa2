import Foundation
import Glibc
import MeshModel
import Testing
import WeftTestKit

@testable import Membership

@Suite("Membership by Serf", .serialized)
struct SerfMembershipTests {
  @Test("three hosts find each other with their tags, and a change of tags arrives")
  func joining() async throws {
    let net = try GossipNet()
    let first = try GossipHost(net, 1)
    try await first.isUp()
    let second = try GossipHost(net, 2, join: [net.address(1)])
    let third = try GossipHost(net, 3)
    try await third.isUp()
    #expect(try await third.membership.join([net.address(1)]) == 1)
    let all = [first, second, third]
    for host in all {
      for other in all { try await host.log.wait(for: .up(other.own)) }
      #expect(await host.membership.members() == all.map(\.own))
    }
    var tags = third.own.tags
    tags.role = .authority
    try await third.membership.setTags(tags)
    let changed = Member(name: "h3", address: net.address(3), tags: tags)
    for host in all { try await host.log.wait(for: .changed(changed)) }
    #expect(await first.membership.health.refusedMembers == 0)
  }

  @Test("a host that dies is down within ten seconds, one that leaves has left at once")
  func departures() async throws {
    let net = try GossipNet()
    let hosts = try await Self.mesh(net, 4)
    let died = ContinuousClock.now
    try await hosts[3].die()
    for host in hosts[..<3] { try await host.log.wait(for: .down(hosts[3].own.with(.failed), reason: .failed)) }
    #expect(died.duration(to: .now) < .seconds(10))

    let left = ContinuousClock.now
    try await hosts[2].membership.leave()
    for host in hosts[..<2] { try await host.log.wait(for: .down(hosts[2].own.with(.left), reason: .left)) }
    #expect(left.duration(to: .now) < .seconds(5))
    try await eventuallyAsync("h3 rests") { await hosts[2].membership.health.state == .left }
    await #expect(throws: MembershipError.notRunning("it left the mesh")) {
      try await hosts[2].membership.join([net.address(1)])
    }
    #expect(await hosts[0].membership.members().map(\.status) == [.alive, .alive, .left, .failed])
  }

  @Test("a Serf that is killed is started again and goes back; nobody seems dead meanwhile")
  func restart() async throws {
    let net = try GossipNet()
    let hosts = try await Self.mesh(net, 3)
    let child = try #require(await hosts[1].membership.child)
    #expect(kill(child, SIGKILL) == 0)
    try await hosts[1].isUp(starts: 2)
    #expect(await hosts[1].membership.child != child)
    // It hears of what is new, and others of it.
    for (teller, hearer) in [(0, 1), (1, 2)] {
      var tags = hosts[teller].own.tags
      tags.role = .authority
      try await hosts[teller].membership.setTags(tags)
      try await hosts[hearer].log.wait(
        for: .changed(Member(name: hosts[teller].own.name, address: net.address(UInt32(teller + 1)), tags: tags))
      )
    }
    for host in hosts {
      #expect(await host.log.events.allSatisfy { if case .down = $0 { false } else { true } })
    }
  }

  @Test("an agent that was stopped goes back by Serf's snapshot, and was not gone for those who did not miss it")
  func agentRestart() async throws {
    let net = try GossipNet()
    let hosts = try await Self.mesh(net, 3)
    await hosts[1].stop()
    let again = try GossipHost(net, 2) { $0.directory = hosts[1].configuration.directory }
    for host in hosts { try await again.log.wait(for: .up(host.own)) }
    var tags = again.own.tags
    tags.role = .authority
    try await again.isUp()
    try await again.membership.setTags(tags)
    for host in [hosts[0], hosts[2]] {
      try await host.log.wait(for: .changed(Member(name: "h2", address: net.address(2), tags: tags)))
    }
  }

  @Test("who has another key does not get in, and is counted", .timeLimit(.minutes(1)))
  func wrongKey() async throws {
    let net = try GossipNet()
    let hosts = try await Self.mesh(net, 2)
    let stranger = try GossipHost(net, 3, key: .random())
    try await stranger.isUp()
    await #expect(throws: MembershipError.self) {
      try await stranger.membership.join([net.address(1), net.address(2)])
    }
    // The others go on hearing each other, so the stranger would have been heard.
    var tags = hosts[0].own.tags
    tags.role = .authority
    try await hosts[0].membership.setTags(tags)
    try await hosts[1].log.wait(for: .changed(Member(name: "h1", address: net.address(1), tags: tags)))
    #expect(await hosts[1].membership.members().map(\.name) == ["h1", "h2"])
    #expect(await stranger.membership.members().map(\.name) == ["h3"])
    for host in hosts {
      // Serf's words come by a pipe, which may be a moment behind its answers.
      while await host.membership.health.undecrypted == nil { try await Task.sleep(for: .milliseconds(20)) }
    }
  }

  @Test("who has the key but not our tags is refused by name, and counted")
  func stranger() async throws {
    let net = try GossipNet()
    let hosts = try await Self.mesh(net, 2)
    let directory = try TemporaryDirectory()
    let settings = """
      {"node_name": "stray", "bind": "\(net.address(9))", "encrypt_key": "\(net.key.base64)",
       "rpc_addr": "127.0.0.1:\(try FreePort.find())", "tags": {"fp": "zz"}, "retry_join": ["\(net.address(1))"]}
      """
    let path = try directory.write("serf.json", settings)
    let stray = try Command("serf", ["agent", "-config-file=\(path)"]).start()
    for host in hosts { try await host.log.wait(for: .refused(name: "stray", reason: .malformedTag("fp"))) }
    #expect(await hosts[0].membership.health.refusedMembers == 1)
    #expect(await hosts[0].membership.members().map(\.name) == ["h1", "h2"])
    stray.kill()
  }

  @Test("two hosts of one name are told, and the one that fewer know gives way")
  func nameConflict() async throws {
    let net = try GossipNet()
    let hosts = try await Self.mesh(net, 3)
    let double = try GossipHost(net, 9, name: "h2", join: [net.address(1)])
    try await hosts[0].log.wait("a conflict over h2") { event in
      guard case .nameConflict("h2", let one, let other) = event else { return false }
      return Set([one, other]) == [net.address(2).description, net.address(9).description]
    }
    try await double.log.wait("its own conflict over h2") { event in
      guard case .nameConflict("h2", _, _) = event else { return false }
      return true
    }
    try await eventuallyAsync("the double gives way") {
      await double.membership.health.state == .restarting("it gave way to another host of the name h2")
    }
    #expect(await hosts[0].membership.members().map(\.status) == [.alive, .alive, .alive])
    #expect(await hosts[0].membership.members() == hosts.map(\.own))
  }

  @Test("without Serf the host itself is up, and what is wrong is said")
  func missing() async throws {
    let net = try GossipNet()
    let host = try GossipHost(net, 1) { $0.program = "no-such-serf" }
    try await host.log.wait(for: .up(host.own))
    try await eventuallyAsync("the reason") {
      await host.membership.health.state == .restarting("\(SerfChild.Ending.exited(127))")
    }
    await #expect(throws: MembershipError.notRunning("it is being started")) {
      try await host.membership.join([net.address(2)])
    }
    await host.stop()
  }

  /// Hosts that know each other. All but the first joined by request, so that no configuration brings them back.
  static func mesh(_ net: GossipNet, _ count: UInt32) async throws -> [GossipHost] {
    let hosts = try (1...count).map { try GossipHost(net, $0) }
    for host in hosts { try await host.isUp() }
    for host in hosts.dropFirst() { try await host.membership.join([net.address(1)]) }
    for host in hosts {
      for other in hosts { try await host.log.wait(for: .up(other.own)) }
    }
    return hosts
  }
}
