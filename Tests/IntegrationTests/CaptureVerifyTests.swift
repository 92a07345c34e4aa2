import Foundation
import MeshModel
import Testing
import WeftTestKit

/// The verbs that tell: verify, status, plan, and the init script that uses them.
@Suite("Capture: verify, status and weft-init")
struct CaptureVerifyTests {
  private struct Verified: Decodable {
    let family: String
    let works: Bool
    let outbound: String
    let inbound: String
    let differences: [String]
    let notes: [String]
  }

  private func verify(_ pod: Pod) throws -> (code: Int32, families: [Verified]) {
    let outcome = try Capture.run("verify", pod, ["--json"])
    return (outcome.code, try JSONDecoder().decode([Verified].self, from: Data(outcome.output.utf8)))
  }

  @Test("verify knows a proxy that answers from a port where none listens", arguments: PacketFilter.allCases)
  func works(filter: PacketFilter) throws {
    let scene = try CaptureScene()
    try Capture.apply(scene.pod, filter, "--exclude-uids", "65534", "--exclude-outbound-ports", "80")
    let before = try verify(scene.pod)
    #expect(before.code == 0)
    #expect(before.families.map(\.outbound) == ["no-proxy-listens", "no-proxy-listens"])
    #expect(before.families.map(\.inbound) == ["no-proxy-listens", "no-proxy-listens"])
    let proxy = try Player.relay([15001, 15006]).start(in: scene.pod, as: 1337)
    let after = try verify(scene.pod)
    #expect(after.code == 0)
    #expect(after.families.map(\.outbound) == ["reached-proxy", "reached-proxy"])
    #expect(after.families.map(\.inbound) == ["reached-proxy", "reached-proxy"])
    withExtendedLifetime(proxy) {}
  }

  @Test("verify counts a proxy that resets what it accepted as reached")
  func resettingProxy() throws {
    let scene = try CaptureScene()
    try Capture.apply(scene.pod)
    let proxy = try Player.resetter([15001, 15006]).start(in: scene.pod, as: 1337)
    // Whether the reset is seen is a race; over some runs it is.
    for _ in 0..<8 {
      let families = try verify(scene.pod).families
      #expect(families.flatMap { [$0.outbound, $0.inbound] } == Array(repeating: "reached-proxy", count: 4))
    }
    withExtendedLifetime(proxy) {}
  }

  @Test("a pod whose IPv6 is switched off is captured, and verify says that no IPv6 probe was made")
  func withoutIPv6() throws {
    let scene = try CaptureScene()
    for which in ["all", "default"] { try scene.pod.configure("net.ipv6.conf.\(which).disable_ipv6", "1") }
    try Capture.apply(scene.pod)
    let verified = try verify(scene.pod)
    #expect(verified.code == 0)
    #expect(verified.families.map(\.outbound) == ["no-proxy-listens", "not-made"])
    #expect(verified.families.map(\.inbound) == ["no-proxy-listens", "not-made"])
  }

  @Test("verify finds a pod that silently stopped being captured, family by family", arguments: PacketFilter.allCases)
  func stopped(filter: PacketFilter) throws {
    let scene = try CaptureScene()
    #expect(try verify(scene.pod).code == 1, "nothing is captured yet")
    try Capture.apply(scene.pod, filter)
    try filter.iptables(scene.pod, v6: true, "-t", "nat", "-F", "OUTPUT")
    let outbound = try verify(scene.pod)
    #expect(outbound.code == 1)
    #expect(outbound.families.map(\.works) == [true, false])
    #expect(outbound.families.map(\.outbound) == ["no-proxy-listens", "leaked"])
    #expect(outbound.families[1].differences.count == 1)
    try Capture.apply(scene.pod, filter)
    #expect(try verify(scene.pod).code == 0)

    // Our rules are all there, but somebody's rule lets traffic past them.
    try filter.iptables(scene.pod, "-t", "nat", "-I", "PREROUTING", "-p", "tcp", "-j", "ACCEPT")
    let inbound = try verify(scene.pod)
    #expect(inbound.code == 1)
    #expect(inbound.families.map(\.inbound) == ["leaked", "no-proxy-listens"])
    #expect(inbound.families[0].notes.first?.contains("stands before ours in PREROUTING") == true)
  }

  @Test("verify can run again and again, and leaves nothing behind")
  func leavesNothing() throws {
    let scene = try CaptureScene()
    try Capture.apply(scene.pod)
    let rules = try PacketFilter.nft.rules(of: scene.pod)
    let addresses = try scene.pod.shell("ip -brief address").orThrow().output
    for _ in 0..<10 { #expect(try verify(scene.pod).code == 0) }
    #expect(try PacketFilter.nft.rules(of: scene.pod) == rules)
    #expect(try scene.pod.shell("ip -brief address").orThrow().output == addresses)
  }

  @Test("verify without the right to make namespaces says so, and compares the rules when asked for that alone")
  func rulesOnly() throws {
    let scene = try CaptureScene()
    try Capture.apply(scene.pod)
    let program = ["--bounding-set=-sys_admin", try Binaries.path("weft-capture"), "verify"]
    let failed = try Command("setpriv", program).with(\.pod, scene.pod).run()
    #expect(failed.code == 3)
    #expect(failed.error.contains("missing capability CAP_SYS_ADMIN"))
    #expect(try Command("setpriv", program + ["--rules-only"]).with(\.pod, scene.pod).run().succeeded)
  }

  @Test("status says in words and JSON what is captured and what is not, with counters")
  func status() throws {
    let scene = try CaptureScene()
    let nothing = try Capture.run("status", scene.pod).orThrow().output
    #expect(
      nothing
        == "IPv4: NOT captured; all its traffic passes by the proxy\nIPv6: NOT captured; all its traffic passes by the proxy\n"
    )
    try Capture.apply(scene.pod, .nft, "--exclude-outbound-ports", "22", "--family", "4")
    _ = try hear(from: scene.pod, SocketAddress(scene.worldEnd.v4, port: 80))
    let words = try Capture.run("status", scene.pod).orThrow().output
    #expect(words.contains("IPv4: TCP is captured (nft)\n  1 packets: weft case 6: outbound to the proxy\n"))
    #expect(words.contains("IPv6: TCP that would be captured is refused (nft)"))
    #expect(words.contains("- excluded outbound ports: 22\n"))
    struct Status: Decodable {
      struct Family: Decodable {
        let mode: String
        let packets: [String: Int]
      }
      let families: [Family]
    }
    let json = try Capture.run("status", scene.pod, ["--json"]).orThrow().output
    let status = try JSONDecoder().decode(Status.self, from: Data(json.utf8))
    #expect(status.families.map(\.mode) == ["capture", "refuse"])
    #expect(status.families[0].packets["weft case 6: outbound to the proxy"] == 1)
    try PacketFilter.nft.iptables(scene.pod, "-t", "nat", "-F", "WEFT_INBOUND")
    #expect(try Capture.run("status", scene.pod).orThrow().output.contains("the rules were CHANGED since"))
  }

  @Test("the heads of the golden files are true: plan prints each for the options that it names")
  func goldenHeads() throws {
    let directory = "\(Binaries.repository)/iptables"
    for file in try FileManager.default.contentsOfDirectory(atPath: directory) where file.hasSuffix(".rules") {
      let golden = try String(contentsOfFile: "\(directory)/\(file)", encoding: .utf8)
      let head = try #require(golden.split(separator: "\n").first)
      let options = head.split(separator: " ").dropFirst(3).map(String.init)
      let planned = try Command(try Binaries.path("weft-capture"), ["plan"] + options).run().orThrow().output
      #expect("\(head)\n\(planned)" == golden)
    }
  }

  @Test("the golden files are what the kernel holds after apply, rule by rule", arguments: PacketFilter.allCases)
  func goldenHeld(filter: PacketFilter) throws {
    let directory = "\(Binaries.repository)/iptables"
    for file in try FileManager.default.contentsOfDirectory(atPath: directory) where file.hasSuffix(".rules") {
      let scene = try Pod()
      let golden = try String(contentsOfFile: "\(directory)/\(file)", encoding: .utf8).split(separator: "\n")
      let options = golden[0].split(separator: " ").dropFirst(3).map(String.init)
      try Capture.run("apply", scene, ["--backend", filter.rawValue] + options).orThrow()
      let held = try filter.rules(of: scene).split(separator: "\n").filter { $0.hasPrefix("-A WEFT_") }
      #expect(held.sorted() == golden.filter { $0.hasPrefix("-A WEFT_") }.sorted(), "\(file)")
    }
  }

  @Test("weft-init makes the proxy's user, captures, proves it and says in words what is and is not captured")
  func initScript() throws {
    let scene = try CaptureScene()
    var command = Command(
      "\(Binaries.repository)/scripts/weft-init",
      ["--netns", scene.pod.name, "--exclude-outbound-ports", "22"]
    )
    command.environment["WEFT_CAPTURE"] = try Binaries.path("weft-capture")
    let done = try command.run().orThrow()
    #expect(done.output.contains("IPv4: outbound probe reached the proxy's port"))
    #expect(
      done.output.contains("IPv6: inbound probe reached the proxy's port") || done.output.contains("inbound probe")
    )
    #expect(done.output.contains("IPv4: TCP is captured"))
    #expect(done.output.contains("- excluded outbound ports: 22"))
    #expect(done.output.contains("UDP (QUIC and DNS too), ICMP, SCTP and the like are not captured and pass"))
    #expect(try Command("getent", ["passwd", "1337"]).run().succeeded)
    #expect(try hear(from: scene.pod, SocketAddress(scene.worldEnd.v4, port: 80)) == refused, "no proxy listens yet")
    let json = try command.with(\.arguments, command.arguments + ["--json"]).run().orThrow().output
    #expect(try JSONSerialization.jsonObject(with: Data(json.utf8)) is [String: Any])
  }

  @Test("weft-init stops with the code and the words of what fails")
  func initFails() throws {
    let scene = try CaptureScene()
    let tools = try FakeTools()
    try tools.refuse("iptables-nft-restore", "-m owner", saying: "no such match")
    var command = Command("\(Binaries.repository)/scripts/weft-init", ["--netns", scene.pod.name])
    command.environment["WEFT_CAPTURE"] = try Binaries.path("weft-capture")
    command.environment["PATH"] = "\(tools.path):/usr/sbin:/usr/bin:/sbin:/bin"
    let failed = try command.run()
    #expect(failed.code == 3)
    #expect(failed.error.contains("missing IPv4 match owner"))
  }

  @Test("weft-init without the right to make namespaces captures, compares the rules and says that no probe was made")
  func initWithoutProbes() throws {
    let scene = try CaptureScene()
    var command = scene.pod.command(
      "setpriv",
      "--bounding-set=-sys_admin",
      "\(Binaries.repository)/scripts/weft-init"
    )
    command.environment["WEFT_CAPTURE"] = try Binaries.path("weft-capture")
    let done = try command.run().orThrow()
    #expect(done.error.contains("weft-init: no probe could be made; the rules alone are compared"))
    #expect(done.output.contains("IPv4: rules are as asked for\n"))
    #expect(done.output.contains("IPv4: TCP is captured"))
  }
}
