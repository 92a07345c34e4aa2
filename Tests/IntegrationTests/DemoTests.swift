import Foundation
import Glibc
import Testing
import WeftTestKit

/// `scripts/demo` and `scripts/demo-connections` with the programs that were just built: a newcomer runs them first.
@Suite("The demonstrations", .serialized)
struct DemoTests {
  @Test("of two hosts shows all it promises, and leaves nothing behind", .timeLimit(.minutes(3)))
  func hosts() throws {
    let demo = try start("demo")
    let outcome = try demo.outcome(within: .seconds(170))
    #expect(outcome.succeeded, "\(outcome)")
    for promise in [
      "host 2 $ weft-agent run --join weft-join-v1.", "| default/web registered", "| hello from the web on host 1",
      "hello from the web on host 2", "| authorizationpolicy.security.istio.io/no-delete created", "| HTTP/1.1 403",
      "denied by default/no-delete rules[0]", "its endpoint left ", "failed  no", "1 of 2 hosts alive",
      "done; nothing is left",
    ] {
      #expect(outcome.output.contains(promise), "no '\(promise)' in:\n\(outcome.output)")
    }
    try expectNothingLeft(of: demo.pid)
  }

  @Test(
    "of connections shows all it promises, with journal entries, and leaves nothing behind",
    .timeLimit(.minutes(3))
  )
  func connections() throws {
    let demo = try start("demo-connections")
    let outcome = try demo.outcome(within: .seconds(150))
    #expect(outcome.succeeded, "\(outcome)")
    let lines = outcome.output.split(separator: "\n").map(String.init)
    for promise in [
      "| hello from the web pod", "| < 220 mail.demo ESMTP Exim", "| 250 OK", "| salaries",
      "weft-proxy of weft-demo-\(demo.pid)-app is ready", "== 4. IPv6", "Mbits/sec",
      "WEFT_EVENT=connection-denied", "WEFT_POLICY=demo/app-egress", "WEFT_PROTOCOL=server-first",
      "WEFT_PROTOCOL=http/1", "done; nothing is left",
    ] {
      #expect(lines.contains { $0.contains(promise) }, "no '\(promise)' in:\n\(outcome.output)")
    }
    // Both proxies tell of each conversation, in journalctl's own words.
    for direction in ["outbound", "inbound"] {
      for port in ["198.18.200.2:8080: GET", "]:8080: GET", ":2525 server-first", ":5201 opaque"] {
        #expect(lines.contains { $0.contains("| \(direction) ") && $0.contains(port) }, "\(direction) \(port)")
      }
    }
    #expect(lines.contains { $0.contains(":9090 ") && $0.contains("denied (demo/app-egress: ") })
    try expectNothingLeft(of: demo.pid)
  }

  @Test(
    "that are interrupted remove all they made",
    .timeLimit(.minutes(3)),
    arguments: [
      ("demo", SIGINT, "== An agent a host"), ("demo", SIGTERM, "== 3. A second instance"),
      ("demo-connections", SIGINT, "== Two pods"), ("demo-connections", SIGHUP, "== 5. A bulk transfer"),
    ]
  )
  func interrupt(script: String, signal: Int32, heading: String) throws {
    let demo = try start(script)
    try demo.output.await(heading, within: .seconds(100))
    demo.signal(signal)
    #expect(try demo.waitForExit(within: .seconds(30)) == (signal == SIGINT ? 130 : 143))
    try demo.output.await("nothing is left")
    try expectNothingLeft(of: demo.pid)
  }

  @Test("refuse an argument that they do not know", arguments: ["demo", "demo-connections"])
  func usage(script: String) throws {
    let outcome = try Command("\(Binaries.repository)/scripts/\(script)", ["--fast"]).run()
    #expect(outcome.code == 2)
    #expect(outcome.error.contains("--fast"))
  }

  private func start(_ script: String) throws -> RunningProgram {
    let directory = URL(fileURLWithPath: try Binaries.path("weft-proxy")).deletingLastPathComponent().path
    return try Command("\(Binaries.repository)/scripts/\(script)")
      .with(\.environment, ["WEFT_BIN_DIR": directory]).start()
  }

  private func expectNothingLeft(of pid: pid_t) throws {
    let name = "weft-demo-\(pid)"
    for directory in ["/run/netns", "/etc/netns", "/tmp"] {
      let left = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
      #expect(left.filter { $0.hasPrefix(name) } == [])
    }
    // Every program of the demo carries its name in an argument: a pod's, or its directory's.
    let running = try Command("pgrep", ["-a", "-f", "--", name]).run()
    #expect(running.output == "")
  }
}
