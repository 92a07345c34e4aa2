import Foundation
import Glibc
import MeshModel
import Testing
import WeftTestKit

/// Cases 8, 9, 10, 20 and 22 of capture.md: what cannot be done changes nothing and says why.
@Suite("Capture: failures")
struct CaptureFailureTests {
  @Test(
    "8: when the second family fails, the first is as it was, and the reason is said",
    arguments: PacketFilter.allCases
  )
  func rollback(filter: PacketFilter) throws {
    let scene = try CaptureScene()
    let tools = try FakeTools()
    // The probe for features passes; the rules themselves do not.
    try tools.refuse("ip6tables-\(filter.rawValue)-restore", ":WEFT_SELECT", saying: "line 7 failed: disk on fire")
    let backend = ["--backend", filter.rawValue]
    let first = try Capture.run("apply", scene.pod, backend, path: tools.path)
    #expect(first.code == 1)
    #expect(first.error.contains("disk on fire"))
    #expect(!(try filter.rules(of: scene.pod)).contains("WEFT_"))

    try Capture.apply(scene.pod, filter)
    try filter.iptables(scene.pod, "-t", "nat", "-I", "OUTPUT", "-p", "tcp", "--dport", "1", "-j", "ACCEPT")
    let before = try filter.rules(of: scene.pod)
    let options = backend + ["--exclude-outbound-ports", "22", "--virtual-interfaces", "tap0", "--drop-invalid"]
    #expect(try Capture.run("apply", scene.pod, options, path: tools.path).code == 1)
    #expect(try filter.rules(of: scene.pod) == before)
  }

  @Test("9: a held xtables lock is waited for, and then all fails and says so")
  func xtablesLock() throws {
    let scene = try CaptureScene()
    let directory = try TemporaryDirectory()
    let file = try directory.write("xtables.lock", "")
    let environment = ["XTABLES_LOCKFILE": file]
    let before = try PacketFilter.legacy.rules(of: scene.pod)
    let holder = open(file, O_RDWR | O_CLOEXEC)
    defer { close(holder) }
    #expect(flock(holder, LOCK_EX) == 0)
    let options = ["--backend", "legacy", "--wait", "1"]
    let failed = try Capture.run("apply", scene.pod, options, environment: environment)
    #expect(failed.code == 1)
    #expect(failed.error.contains("the xtables lock is held by another program"))
    #expect(try PacketFilter.legacy.rules(of: scene.pod) == before)

    var command = Command(
      try Binaries.path("weft-capture"),
      ["apply", "--netns", scene.pod.name, "--backend", "legacy", "--wait", "30"]
    )
    command.environment = environment
    let waiting = try command.start()
    try awaitWaiter(on: file)
    #expect(flock(holder, LOCK_UN) == 0)
    #expect(try waiting.outcome().succeeded)
    #expect(try PacketFilter.legacy.rules(of: scene.pod).contains("WEFT_OUTBOUND"))
  }

  /// The kernel lists those who wait for a lock under its holder, marked `->` (proc_locks(5)).
  private func awaitWaiter(on file: String) throws {
    let number = try Command("stat", ["-c", "%i", file]).run().orThrow().output.split(separator: "\n")[0]
    try eventually("somebody waiting for \(file)") {
      try String(contentsOfFile: "/proc/locks", encoding: .utf8).split(separator: "\n")
        .contains { $0.contains("->") && $0.contains(":\(number) ") }
    }
  }

  @Test("9: of two runs in one namespace the second waits, and then fails whole and says so")
  func namespaceLock() throws {
    let scene = try CaptureScene()
    let holder = open(scene.pod.path, O_RDONLY | O_CLOEXEC)
    defer { close(holder) }
    #expect(flock(holder, LOCK_EX) == 0)
    let failed = try Capture.run("apply", scene.pod, ["--wait", "0"])
    #expect(failed.code == 1)
    #expect(failed.error.contains("the lock of this namespace is held by another program"))
    #expect(!(try PacketFilter.nft.rules(of: scene.pod)).contains("WEFT_"))
    #expect(flock(holder, LOCK_UN) == 0)
    #expect(try Capture.run("apply", scene.pod, ["--wait", "0"]).succeeded)
  }

  @Test("10: the back end that already holds rules is used, and a mix is warned of")
  func backends() throws {
    let scene = try CaptureScene()
    try PacketFilter.legacy.iptables(scene.pod, "-A", "INPUT", "-p", "tcp", "--dport", "1", "-j", "ACCEPT")
    let legacy = try Capture.run("apply", scene.pod).orThrow()
    #expect(legacy.output.contains("IPv4: captured (legacy, rules written)"))
    #expect(!legacy.error.contains("both back ends"))
    let other = try Capture.run("apply", scene.pod, ["--backend", "nft"])
    #expect(other.code == 1)
    #expect(other.error.contains("in the legacy back end already"))
    try Capture.run("remove", scene.pod).orThrow()

    for port in ["2", "3"] {
      try PacketFilter.nft.iptables(scene.pod, "-A", "INPUT", "-p", "tcp", "--dport", port, "-j", "ACCEPT")
    }
    let mixed = try Capture.run("apply", scene.pod).orThrow()
    #expect(mixed.output.contains("IPv4: captured (nft, rules written)"))
    #expect(mixed.error.contains("rules are in both back ends (nft: 2, legacy: 1)"))
  }

  @Test("10: where nothing holds rules, looking does not load the legacy tables")
  func looking() throws {
    let scene = try CaptureScene()
    try Capture.run("apply", scene.pod).orThrow()
    #expect(try scene.pod.shell("cat /proc/net/ip_tables_names /proc/net/ip6_tables_names").orThrow().output == "")
  }

  @Test(
    "20: a match or target that the kernel lacks is named with exit 3, and nothing is changed",
    arguments: [
      ("iptables-nft-restore", "-m owner", "IPv4 match owner"),
      ("iptables-legacy-restore", "-m addrtype", "IPv4 match addrtype"),
      ("iptables-nft-restore", "REDIRECT", "IPv4 target REDIRECT"),
      ("ip6tables-nft-restore", "REJECT", "IPv6 target REJECT"),
      ("ip6tables-legacy-restore", "-m conntrack", "IPv6 match conntrack"),
    ]
  )
  func missing(program: String, text: String, name: String) throws {
    let scene = try CaptureScene()
    let filter: PacketFilter = program.contains("nft") ? .nft : .legacy
    let tools = try FakeTools()
    try tools.refuse(program, text, saying: "Extension not supported, missing kernel module?")
    // With IPv4 alone asked for, redirection missing there cannot be made up for by refusing the family.
    let options = ["--backend", filter.rawValue] + (name.contains("REDIRECT") ? ["--family", "4"] : [])
    let failed = try Capture.run("apply", scene.pod, options, path: tools.path)
    #expect(failed.code == 3)
    #expect(failed.error.contains("missing \(name): "), "\(failed)")
    #expect(failed.error.split(separator: "\n").count == 1)
    #expect(!(try filter.rules(of: scene.pod)).contains("WEFT_"))
  }

  @Test("20: without the privilege, exit 3 names it")
  func unprivileged() throws {
    let scene = try CaptureScene()
    for verb in ["apply", "verify", "status", "remove"] {
      let failed = try Command(try Self.copyForAll(), [verb]).with(\.pod, scene.pod).with(\.uid, 65534).run()
      #expect(failed.code == 3)
      #expect(failed.error.hasPrefix("weft-capture: missing capability CAP_NET_ADMIN: "))
    }
    let planned = try Command(try Self.copyForAll(), ["plan"]).with(\.uid, 65534).run()
    #expect(planned.succeeded)
  }

  @Test("20: without iptables, exit 3 names it, and nothing is said to be uncaptured that is not known")
  func noPrograms() throws {
    let scene = try CaptureScene()
    for verb in ["apply", "verify", "status", "remove"] {
      // In a mount namespace of its own the programs are out of sight.
      let hidden = "mount -t tmpfs none /usr/sbin && exec \"$0\" \(verb)"
      let failed = try scene.pod.run("unshare", "--mount", "/bin/sh", "-c", hidden, try Binaries.path("weft-capture"))
      #expect(failed.code == 3)
      #expect(failed.error.hasPrefix("weft-capture: missing iptables"), "\(failed)")
      #expect(failed.output.isEmpty)
    }
  }

  // The build directory may be closed to other users.
  private static let shared = Result { try TemporaryDirectory() }
  private static func copyForAll() throws -> String {
    let there = try shared.get().file("weft-capture")
    if access(there, X_OK) != 0 { try Command("cp", [try Binaries.path("weft-capture"), there]).run().orThrow() }
    return there
  }

  @Test(
    "22: values from users are typed before they reach a rule, and none reaches a shell",
    arguments: [
      ["--exclude-inbound-ports", "80; touch PWNED"], ["--exclude-inbound-ports", "80\n-A OUTPUT -j ACCEPT"],
      ["--exclude-interfaces", "$(touch PWNED)"], ["--virtual-interfaces", "`touch PWNED`"],
      ["--include-outbound-cidrs", "0.0.0.0/0 -j ACCEPT"], ["--exclude-uids", "0' -j ACCEPT '"],
      ["--proxy-mark", "1 -j ACCEPT"], ["--outbound-port", "15001-15002"], ["--inbound-ports", "0"],
      ["--family", "5"], ["--wait", "1h"], ["--backend", "pf"], ["--non-tcp", "queue"],
      ["--nonsense"],
    ]
  )
  func hostile(options: [String]) throws {
    let scene = try CaptureScene()
    let directory = try TemporaryDirectory()
    let hostile = options.map { $0.replacing("PWNED", with: directory.file("pwned")) }
    let before = try PacketFilter.nft.rules(of: scene.pod)
    for program in [try Binaries.path("weft-capture"), "\(Binaries.repository)/scripts/weft-init"] {
      let arguments = (program.hasSuffix("weft-init") ? [] : ["apply"]) + ["--netns", scene.pod.name] + hostile
      var command = Command(program, arguments)
      command.environment["WEFT_CAPTURE"] = try Binaries.path("weft-capture")
      let failed = try command.run()
      #expect(failed.code == 2, "\(failed)")
      #expect(failed.error.contains(options[0]))
      #expect(failed.error.split(separator: "\n").count == 1)
    }
    #expect(try PacketFilter.nft.rules(of: scene.pod) == before)
    #expect(access(directory.file("pwned"), F_OK) != 0)
  }

  @Test(
    "22: a namespace that is none is named with exit 2",
    arguments: ["no-such-pod", "/etc/passwd", "../../etc", ""]
  )
  func noNamespace(name: String) throws {
    let failed = try Command(try Binaries.path("weft-capture"), ["apply", "--netns", name]).run()
    #expect(failed.code == 2)
    #expect(failed.error.hasPrefix("weft-capture: --netns "))
  }
}
