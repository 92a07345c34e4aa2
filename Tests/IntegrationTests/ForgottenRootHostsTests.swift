import Foundation
import MeshModel
import Testing
import WeftTestKit

/// docs/identity.md, "A root whose key is stolen".
@Suite("A root whose key is stolen", .timeLimit(.minutes(10)))
struct ForgottenRootHostsTests {
  private let mesh: ForgottenRootScene
  private var scene: HostsScene { mesh.scene }

  init() throws { mesh = try ForgottenRootScene() }

  /// The root that follows, published on all hosts.
  private func rotate() throws -> (new: String, both: Set<String>) {
    try scene.agents[0].weft("identity", "rotate", "--root").orThrow()
    let both = Set(try mesh.roots(0))
    return (try #require(both.subtracting([mesh.root]).first), both)
  }

  private func hears(_ name: String, from writer: Int, _ hosts: [Int]) throws {
    try scene.agents[writer].weft("register", "--name", name, "--port", "8081").orThrow()
    for host in hosts {
      try eventually("host \(host + 1) hears of \(name)", within: .seconds(60)) {
        try scene.agents[host].weft("services").orThrow().output.contains(name)
      }
    }
  }

  @Test("is forgotten once nothing hangs by it: every owner is renewed by the new root, and not one request fails")
  func whenFree() throws {
    try scene.grant(1)
    let (new, both) = try rotate()
    try mesh.move(to: 1, [0, 1, 2], expecting: both)
    try mesh.move(to: 50, [0, 1, 2], expecting: both)
    var (told, code) = try mesh.forget("--yes")
    #expect(told.outcome == "refused" && code == 1)
    #expect(try #require(told.of("certificates")).untilS > mesh.now_s(90))
    try mesh.move(to: 100, [0, 1, 2], expecting: [new])
    try eventually("nothing hangs by it any more", within: .seconds(120)) {
      (told, code) = try mesh.forget()
      return told.outcome == "would be forgotten" && told.dependents.isEmpty
    }
    #expect(code == 0)
    #expect(try mesh.remembers(0) && mesh.remembers(2), "nothing was done yet")
    try eventually("the client is served", within: .seconds(90)) { try mesh.get() == "hello 200" }
    let asking = try Command(
      "/bin/sh",
      ["-c", "while :; do curl -sS --max-time 20 -w ' %{http_code}\\n' \(mesh.url) 2>&1; sleep 0.05; done"]
    ).with(\.pod, scene.link.pods[3]).start()
    // A host that gossip has only now found again says first by which root it was admitted.
    try eventually("it is forgotten", within: .seconds(90)) {
      (told, code) = try mesh.forget("--yes")
      return told.outcome == "forgotten" && code == 0
    }
    for host in 0..<3 {
      try eventually("host \(host + 1) has forgotten it", within: .seconds(30)) { try !mesh.remembers(host) }
      #expect(try mesh.roots(host) == [new])
    }
    for writer in 0..<3 { try hears("late-\(writer)", from: writer, [0, 1, 2]) }
    #expect(try scene.fetch("late", on: 2).succeeded)
    asking.kill()
    _ = try asking.waitForExit()
    // The last was under way.
    let answers = asking.output.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    let failed = answers.filter { $0 != "hello 200" }
    #expect(answers.count > 5 && failed.isEmpty, "\(failed.count) of \(answers.count) failed: \(failed.prefix(5))")
    let (old, now) = try (
      mesh.isTaken(mesh.thief, hours: 100),
      mesh.isTaken(ForgottenRootScene.authority(scene.agents[0]), hours: 100)
    )
    #expect(old == (false, false) && now == (true, true), "\(old) \(now)")
    #expect(try mesh.scene.count(0, "records_refused_notAdmitted") == 0)
  }

  @Test("is forgotten at once by force: who is there has other certificates by its key, who was off joins anew")
  func forced() throws {
    let (new, both) = try rotate()
    for hours in [1, 20, 40] { try mesh.move(to: hours, [0, 1, 2], expecting: both) }
    try eventually("the client is served", within: .seconds(90)) { try mesh.get() == "hello 200" }
    try hears("of-the-third", from: 2, [0, 1])
    try scene.agents[2].crash()
    // The new root signs from now on; certificates of the old one are good for half a day.
    try scene.agents[0].crash()
    try mesh.clocks.set("all", hours: 49)
    try scene.agents[0].restart()
    try eventually("the thief is taken for others", within: .seconds(60)) {
      try mesh.isTaken(mesh.thief, hours: 49) == (true, true)
    }
    try eventually("the second host's owner is renewed, the third's is not", within: .seconds(120)) {
      let told = try mesh.forget().told
      return told.of("gone owners")?.names == ["h3"] && told.of("owners") == nil && told.of("unknown hosts") == nil
        && told.of("roster") == nil
    }
    let refused = try mesh.forget("--yes")
    #expect(refused.told.outcome == "refused" && refused.code == 1)
    let (told, code) = try mesh.forget("--yes", "--force")
    #expect(told.outcome == "forgotten" && code == 0)
    #expect(told.of("gone owners")?.count == 1 && told.of("certificates") != nil)
    for host in 0..<2 {
      try eventually("host \(host + 1) has forgotten it", within: .seconds(30)) {
        try !mesh.remembers(host) && mesh.roots(host) == [new]
      }
    }
    for (proxy, name) in [(mesh.client, "client"), (mesh.server, "server")] {
      try eventually("so has the \(name)'s proxy", within: .seconds(60)) {
        try ProxyIdentityScene.identity(proxy).roots.map { $0.lowercased() } == [new]
      }
    }
    try eventually("the client is served", within: .seconds(60)) { try mesh.get() == "hello 200" }
    try hears("after", from: 1, [0])
    try hears("after-too", from: 0, [1])
    // Connections end by it two seconds after all could hear.
    try eventually("the thief is refused", within: .seconds(30)) {
      try mesh.isTaken(mesh.thief, hours: 49) == (false, false)
    }
    #expect(try !scene.agents[0].weft("services").orThrow().output.contains("of-the-third"))

    let third = scene.agents[2]
    try third.restart()
    try eventually("the third says what to do", within: .seconds(120)) {
      try third.weft("check").output.contains("start it with --join and a token of another authority")
    }
    func isSeen() throws -> Bool { try HostsScene.members(scene.agents[0]).contains { $0.name == "h3" && $0.isAlive } }
    try eventually("the first sees that it is back", within: .seconds(60)) { try isSeen() }
    third.program.signal(SIGTERM)
    _ = try third.program.waitForExit()
    try eventually("the first sees that it is gone", within: .seconds(60)) { try !isSeen() }
    let again = try AgentUnderTest(
      in: scene.link.pods[2],
      ["--host-name", "h3", "--join", try scene.token()],
      through: { _ in mesh.clocks.wrapper("all") }
    )
    try again.weft("register", "--name", "anew", "--port", "8082").orThrow()
    try eventually("the others hear it", within: .seconds(60)) {
      try scene.agents[1].weft("services").orThrow().output.contains("anew")
    }
  }
}
