import Glibc
import Registry
import Subprocess
import SystemPackage
import Testing
import WeftTestKit

@testable import HealthChecks

/// Scripts that some process has open for writing, as one that was just written may be in a child of its writer.
@Suite("Scripts that are open for writing")
struct BusyScriptTests {
  private let directory: TemporaryDirectory
  private let script: String

  init() throws {
    directory = try TemporaryDirectory()
    script = try directory.write("script", "#!/bin/sh\nexit 0\n")
    chmod(script, 0o755)
  }

  @Test("are started again, and run once they are closed")
  func closed() async throws {
    let writer = open(script, O_WRONLY | O_CLOEXEC)
    try #require(writer >= 0)
    var tries = 0
    // By the number of tries and not by time, so that no load changes what is tried.
    let status = try await CheckRunner.retryingBusy(within: 20_000) {
      tries += 1
      if tries == CheckRunner.busyTries + 1 { close(writer) }
      return try await Subprocess.run(.path(FilePath(script)), input: .none, output: .discarded, error: .discarded)
        .terminationStatus
    }
    #expect(status == .exited(0) && tries == CheckRunner.busyTries + 1)
  }

  @Test("fail with the system's own word for it where they stay open")
  func kept() async throws {
    let writer = open(script, O_WRONLY | O_CLOEXEC)
    try #require(writer >= 0)
    defer { close(writer) }
    let (result, time) = try await timed { try await checked(.script([script])) }
    #expect(result.outcome == .failing && result.output == "\(script): text file busy")
    #expect(time >= .milliseconds(CheckRunner.busyPause_ms) * CheckRunner.busyTries)
  }
}
