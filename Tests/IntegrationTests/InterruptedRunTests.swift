import Foundation
import Glibc
import Testing
import WeftTestKit

/// A test run whose runner is killed, tried on a second run of these very tests.
@Suite("An interrupted test run")
struct InterruptedRunTests {
  /// Says in the environment where the run that is to be interrupted tells what it has made.
  private static let variable = "WEFT_INTERRUPTED_RUN"
  private static let report = ProcessInfo.processInfo.environment[variable]

  /// What such a run has made: its pid, and that of a program that does not heed TERM.
  private struct Made: Codable {
    var run: pid_t
    var program: pid_t
  }

  @Test("makes a namespace, a directory and a program, and waits", .enabled(if: report != nil))
  func victim() throws {
    let pod = try Pod()
    let directory = try TemporaryDirectory()
    try directory.write("file", "left")
    let program = try Command("/bin/sh", ["-c", "trap '' TERM; echo ready; while :; do sleep 1; done"]).start()
    try program.output.await("ready")
    let inPod = try pod.start("sleep", "1000")
    let made = try JSONEncoder().encode(Made(run: getpid(), program: program.pid))
    try made.write(to: URL(fileURLWithPath: try #require(Self.report)), options: .atomic)
    // Long enough for whoever is to end this, and not for ever where nobody does.
    _ = try? inPod.waitForExit()
  }

  @Test("leaves no process, no namespace and no file once its runner is killed")
  func nothingIsLeft() throws {
    let files = try TemporaryDirectory()
    let report = files.file("made")
    // The shell and cat do what `swift test` does: they read what the tests say, until they are killed.
    let tests = try #require(CommandLine.arguments.first)
    let runner = ["-c", "\"$@\" | sh -c 'echo $$; exec cat >/dev/null'", "sh"]
    let victim = [tests, "--filter", "InterruptedRunTests/victim", "--testing-library", "swift-testing"]
    let run = try Command("/bin/sh", runner + victim).with(\.environment, [Self.variable: report]).start()
    let reader = try run.output.await("the reader's pid") { text in
      text.split(separator: "\n").first.flatMap { pid_t($0) }
    }
    let made = try eventually("what the run has made") {
      try? JSONDecoder().decode(Made.self, from: Data(contentsOf: URL(fileURLWithPath: report)))
    }
    #expect(!leftovers(of: made).isEmpty)
    kill(reader, SIGKILL)
    _ = try run.waitForExit()
    _ = try? eventually("nothing to be left") { leftovers(of: made).isEmpty }
    #expect(leftovers(of: made) == [])
  }

  private func leftovers(of made: Made) -> [String] {
    let names = ["/run/netns", "/tmp"].flatMap { directory in
      ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [])
        .filter { $0.hasPrefix("wt-\(made.run)-") }
    }
    return names + [made.run, made.program].filter { !isGone($0) }.map { "process \($0)" }
  }
}
