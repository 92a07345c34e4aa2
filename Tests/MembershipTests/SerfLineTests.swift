import MeshModel
import Testing
import WeftTestKit

@testable import Membership

@Suite("Lines of Serf's")
struct SerfLineTests {
  @Test("lose time and level, which is kept aside")
  func lines() {
    let line = SerfLine("    2026/11/25 11:02:03 [WARN] memberlist: Refuting a suspect message (from: a)")
    #expect(line.text == "memberlist: Refuting a suspect message (from: a)" && "\(line.level)" == "warning")
    #expect(SerfLine("==> Serf agent running!").fact == .running)
    #expect("\(SerfLine("2026/11/25 11:02:03 [ERR] agent: no").level)" == "error")
    #expect(SerfLine("").text.isEmpty && SerfLine("[").text == "[" && SerfLine("[X] y").text == "y")
  }

  @Test("say when two hosts have one name, and who gives way")
  func conflicts() {
    let taken =
      "[ERR] serf: Node name conflicts with another node at 127.0.0.2:7946. Names must be unique! (Resolution enabled: true)"
    #expect(SerfLine(taken).fact == .nameTaken(by: "127.0.0.2:7946"))
    let others =
      "    2026/11/25 11:02:03 [WARN] serf: Name conflict for 'h' both 127.0.0.1:1 and 127.0.0.2:2 are claiming"
    #expect(SerfLine(others).fact == .nameConflict(name: "h", "127.0.0.1:1", "127.0.0.2:2"))
    #expect(SerfLine("[WARN] serf: minority in name conflict resolution, quiting [0 / 2]").fact == .gaveWay)
    #expect(SerfLine("[WARN] serf: Name conflict for 'h' both").fact == nil)
  }

  @Test("say when somebody gossips by another key, and from where")
  func otherKey() {
    let datagram =
      "[ERR] memberlist: Decrypt packet failed: No installed keys could decrypt the message from=127.0.0.2:7946"
    #expect(SerfLine(datagram).fact == .undecrypted(from: SocketAddress("127.0.0.2:7946")))
    let stream = "[ERR] memberlist: failed to receive: No installed keys could decrypt the message from=[::1]:40412"
    #expect(SerfLine(stream).fact == .undecrypted(from: SocketAddress("[::1]:40412")))
    let asked = "[ERR] memberlist: Failed push/pull merge: No installed keys could decrypt the message"
    #expect(SerfLine(asked).fact == .undecrypted(from: nil))
    #expect(SerfLine("[INFO] serf: EventMemberJoin: No installed keys could decrypt the message").fact == nil)
  }

  @Test("are cut at their ends however they come, and no longer than is kept")
  func cutting() {
    var cutter = LineCutter()
    var lines: [String] = []
    for byte in Array("one\n\ntwo\nthree".utf8) { lines += withUnsafeBytes(of: byte) { cutter.cut($0) } }
    #expect(lines == ["one", "two"])
    let long = [UInt8](repeating: 0x61, count: 10_000) + [0x0a, 0xff, 0x0a]
    lines = long.withUnsafeBytes { cutter.cut($0) }
    #expect(lines.count == 2 && lines[0].utf8.count == MembershipLimit.lineBytes + 4 && lines[0].hasPrefix("threeaaa"))
    #expect(lines[1] == "\u{fffd}")
  }

  @Test("pauses between starts grow, stay bounded and differ, and start anew after a sound run")
  func backoff() {
    var backoff = Backoff()
    var random = SplitMix64(seed: 1)
    var pauses: [UInt64] = []
    for _ in 0..<12 { pauses.append(backoff.pause_ms(afterRun: 10, gaveWay: false, using: &random)) }
    #expect(pauses[0] <= 313 && pauses[0] >= 187)
    #expect(pauses.allSatisfy { $0 <= MembershipLimit.longestPause_ms * 5 / 4 } && pauses[10] > 20_000)
    #expect(pauses[10] != pauses[11])
    #expect(backoff.pause_ms(afterRun: MembershipLimit.soundRun_ms, gaveWay: false, using: &random) <= 313)
    #expect(backoff.pause_ms(afterRun: 10, gaveWay: true, using: &random) >= 45_000)
  }
}
