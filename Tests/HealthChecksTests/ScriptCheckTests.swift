import Glibc
import HealthChecks
import MeshModel
import Registry
import Testing
import WeftTestKit

@Suite("Script checks")
struct ScriptCheckTests {
  static func shell(_ script: String, _ words: String..., timeout_ms: UInt32 = 20_000) async throws -> CheckResult {
    try await checked(.script(["/bin/sh", "-c", script, "check"] + words), timeout_ms: timeout_ms)
  }

  /// Waits until no process of that id is left; `/proc` tells nobody.
  static func awaitEnd(_ pid: pid_t) async throws {
    let deadline = Deadline()
    while kill(pid, 0) == 0 {
      guard !deadline.isOver else { throw TestKitError("process \(pid) lives on") }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  @Test(
    "pass with 0, warn with 1, and fail with anything else",
    arguments: [(0, CheckOutcome.passing), (1, .warning), (2, .failing), (127, .failing)] as [(Int32, CheckOutcome)]
  )
  func statuses(status: Int32, outcome: CheckOutcome) async throws {
    let result = try await Self.shell("echo to one; echo to two >&2; exit \(status)")
    #expect(result.outcome == outcome)
    #expect(result.output == "/bin/sh: exit status \(status)\nto one\nto two")
  }

  @Test("get their words as they were registered, and little else")
  func words() async throws {
    let result = try await Self.shell(#"printf '%s|' "$@"; pwd; env | sort; cat"#, "a b", "$HOME", "", "*;'")
    let lines = result.output.split(separator: "\n").dropFirst().map(String.init)
    #expect(lines.first == "a b|$HOME||*;'|/")
    #expect(Set(lines.dropFirst().compactMap { $0.split(separator: "=").first }) == ["HOME", "LC_ALL", "PATH", "PWD"])
  }

  @Test("say that they cannot be run")
  func unable() async throws {
    let directory = try TemporaryDirectory()
    let missing = directory.file("missing")
    #expect(try await checked(.script([missing])).output == "\(missing): no such file or directory")
    let plain = try directory.write("plain", "#!/bin/sh\nexit 0\n")
    #expect(try await checked(.script([plain])).output == "\(plain): permission denied")
    #expect(try await checked(.script([directory.path])).output == "\(directory.path): it is not a regular file")
    let orphan = try directory.write("orphan", "#!\(missing)\n")
    chmod(orphan, 0o755)
    let orphaned = try await checked(.script([orphan])).output
    #expect(orphaned == "\(orphan): the interpreter that its first line names is not there")
    let nonsense = try directory.write("nonsense", "no program")
    chmod(nonsense, 0o755)
    let result = try await checked(.script([nonsense]))
    #expect(result.outcome == .failing && result.output.hasPrefix("\(nonsense): "))
  }

  @Test("say by what signal they ended")
  func signalled() async throws {
    #expect(try await Self.shell("kill -SEGV $$").output == "/bin/sh: ended by signal \(SIGSEGV)")
  }

  @Test("are killed when the time is up, though they ignore what can be ignored")
  func late() async throws {
    let (result, time) = try await timed {
      try await Self.shell("trap '' TERM INT HUP; echo started; while :; do sleep 1; done", timeout_ms: 2_000)
    }
    #expect(result.outcome == .failing && time < lateLimit)
    #expect(result.output == "/bin/sh: killed, since it did not end in 2000 ms\nstarted")
  }

  @Test("take their children with them, when they end and when they are killed")
  func children() async throws {
    for (rest, timeout_ms, outcome) in [("exit 0", 20_000, CheckOutcome.passing), ("wait", 2_000, .failing)] {
      let (result, time) = try await timed {
        try await Self.shell("sleep 300 & echo $!; \(rest)", timeout_ms: UInt32(timeout_ms))
      }
      #expect(result.outcome == outcome && time < lateLimit)
      let child = try #require(result.output.split(separator: "\n").last.flatMap { pid_t($0) })
      try await Self.awaitEnd(child)
    }
  }

  @Test("are not waited for by way of a child that left their session")
  func escaped() async throws {
    let (result, time) = try await timed { try await Self.shell("setsid sleep 15 & echo $!; sleep 0.2; exit 0") }
    #expect(result.outcome == .passing && time < lateLimit)
    for word in result.output.split(separator: "\n").compactMap({ pid_t($0) }) { kill(word, SIGKILL) }
  }

  @Test("may say more than is kept")
  func megabytes() async throws {
    let result = try await Self.shell("head -c 8000000 /dev/zero | tr '\\0' x; echo >&2; exit 1")
    #expect(result.outcome == .warning && result.output.utf8.count == RegistryLimit.outputBytes)
    #expect(result.output.hasPrefix("/bin/sh: exit status 1\nxxxx"))
  }

  @Test("end with the task that waits for them")
  func cancelled() async throws {
    let directory = try TemporaryDirectory()
    let file = directory.file("pid")
    let running = Task { try await Self.shell("echo $$ >\(file).new; mv \(file).new \(file); sleep 300") }
    let deadline = Deadline()
    while access(file, R_OK) != 0, !deadline.isOver { try await Task.sleep(for: .milliseconds(5)) }
    let pid = try #require(pid_t(try Command("cat", [file]).run().output.split(separator: "\n").first ?? ""))
    running.cancel()
    #expect(try await running.value.outcome == .failing)
    try await Self.awaitEnd(pid)
  }

  @Test("run many at a time")
  func many() async throws {
    let outcomes = try await withThrowingTaskGroup(of: CheckOutcome.self) { group in
      for number in 0..<RegistryLimit.runningChecks {
        group.addTask { try await Self.shell("exit \(number % 3)").outcome }
      }
      return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
    #expect(outcomes == [.passing: 22, .warning: 21, .failing: 21])
  }
}
