import Foundation
import Glibc
import Testing
import WeftTestKit

/// `scripts/demo` with the programs that were just built: it is what a newcomer runs first.
@Suite("The demo", .serialized)
struct DemoTests {
  @Test("shows all it promises, with journal entries after each, and leaves nothing behind", .timeLimit(.minutes(3)))
  func promises() throws {
    let demo = try start()
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
    "that is interrupted removes all it made",
    .timeLimit(.minutes(3)),
    arguments: [
      (SIGINT, "== Two pods"), (SIGTERM, "== 1. curl"), (SIGHUP, "== 5. A bulk transfer"),
    ]
  )
  func interrupt(signal: Int32, heading: String) throws {
    let demo = try start()
    try demo.output.await(heading, within: .seconds(100))
    demo.signal(signal)
    #expect(try demo.waitForExit(within: .seconds(30)) == (signal == SIGINT ? 130 : 143))
    try demo.output.await("nothing is left")
    try expectNothingLeft(of: demo.pid)
  }

  @Test("refuses an argument it does not know")
  func usage() throws {
    let outcome = try Command("\(Binaries.repository)/scripts/demo", ["--fast"]).run()
    #expect(outcome.code == 2)
    #expect(outcome.error.contains("--fast"))
  }

  private func start() throws -> RunningProgram {
    let directory = URL(fileURLWithPath: try Binaries.path("weft-proxy")).deletingLastPathComponent().path
    return try Command("\(Binaries.repository)/scripts/demo")
      .with(\.environment, ["WEFT_BIN_DIR": directory]).start()
  }

  private func expectNothingLeft(of pid: pid_t) throws {
    let name = "weft-demo-\(pid)"
    for directory in ["/run/netns", "/tmp"] {
      let left = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
      #expect(left.filter { $0.hasPrefix(name) } == [])
    }
    // Every program of the demo carries its name in an argument: a pod's, or its directory's.
    let running = try Command("pgrep", ["-a", "-f", "--", name]).run()
    #expect(running.output == "")
  }
}
