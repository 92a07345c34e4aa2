internal import Glibc
internal import Registry
internal import Subprocess
internal import SystemPackage

extension CheckRunner {
  /// What scripts find in their environment: programs, and messages in English.
  private static let environment: Environment = .custom([
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/",
  ])
  /// How long what a script said is read on after its end, in milliseconds. All that it wrote is there by then; a child that
  /// left its session may hold the pipe for ever.
  private static let drain_ms: UInt32 = 100
  /// How often a script is started again that some process has open for writing, and the pause before each time, in
  /// milliseconds. One that was just written may be open in a child of its writer, which is about to close it with its own
  /// execve(2); that takes a moment. Who still has it open after all of them means to.
  static let busyTries = 10, busyPause_ms: UInt32 = 50

  /// Passes on exit status 0; 1 is a warning.
  ///
  /// The script is the first of a session of its own, and all that is left of its group ends with it, or when the time is
  /// up: by SIGKILL, which no script can ignore. It runs as the agent's user.
  func script(_ words: [String], _ timeout_ms: UInt32) async throws -> CheckReport {
    guard let program = words.first else { throw CheckFailure("script", "there is no program") }
    var options = PlatformOptions()
    options.createSession = true
    options.teardownSequence = [Self.kill]
    let started = ContinuousClock.now
    do {
      let result = try await Self.retryingBusy(within: timeout_ms) { [options] in
        try await Subprocess.run(
          .path(FilePath(program)),
          arguments: Arguments(Array(words.dropFirst())),
          environment: Self.environment,
          workingDirectory: "/",
          platformOptions: options,
          input: .none,
          output: .sequence,
          error: .combinedWithOutput
        ) { execution in
          let output = execution.standardOutput
          return await Self.output(of: output) {
            await execution.teardown(using: [Self.wait(.milliseconds(timeout_ms) - (ContinuousClock.now - started))])
            // It is not reaped yet, so the group's number is still its own.
            try? execution.send(signal: .kill, toProcessGroup: true)
          }
        }
      }
      let isLate = ContinuousClock.now - started >= .milliseconds(timeout_ms)
      return Self.report(program, result.terminationStatus, result.closureResult, isLate ? timeout_ms : nil)
    } catch let error as SubprocessError where error.code == .executableNotFound {
      throw CheckFailure(program, Self.whyNotRun(program))
    } catch let error as SubprocessError {
      throw CheckFailure(program, error.underlyingError.map { CheckFailure.text(errno: $0.rawValue) } ?? "\(error)")
    }
  }

  /// Starts a program again while execve(2) refuses it since it is open for writing (ETXTBSY), a few times and within the
  /// time.
  static func retryingBusy<Value>(
    within timeout_ms: UInt32,
    _ start: () async throws -> Value
  ) async throws -> Value {
    for _ in 0..<min(busyTries, Int(timeout_ms / busyPause_ms)) {
      do { return try await start() } catch let error as SubprocessError
        where error.underlyingError?.rawValue == ETXTBSY
      {
        try await Task.sleep(for: .milliseconds(busyPause_ms))
      }
    }
    return try await start()
  }

  /// Why a program was not found: what the kernel said of it is lost by then.
  private static func whyNotRun(_ program: String) -> String {
    guard access(program, X_OK) == 0 else { return CheckFailure.text(errno: errno) }
    var status = stat()
    guard stat(program, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return "it is not a regular file"
    }
    return "the interpreter that its first line names is not there"
  }

  /// Ends the whole group at once.
  private static let kill: TeardownStep = .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)

  /// Signal 0 is none (kill(2)): the step waits for the script's end, and after it the group is killed.
  private static func wait(_ rest: Duration) -> TeardownStep {
    .send(signal: Signal(rawValue: 0), toProcessGroup: true, allowedDurationToNextStep: max(rest, .zero))
  }

  /// The first bytes of what it says until `end` returned; the rest is read and forgotten, lest it waits for us.
  private static func output(
    of sequence: SubprocessOutputSequence,
    until end: @escaping @Sendable () async -> Void
  ) async -> [UInt8] {
    await withTaskGroup(of: [UInt8]?.self) { group in
      group.addTask {
        var bytes: [UInt8] = []
        do {
          for try await buffer in sequence {
            buffer.withUnsafeBytes { bytes += $0.prefix(RegistryLimit.outputBytes - bytes.count) }
            if Task.isCancelled { break }
          }
        } catch {
          // What was read so far is what it said.
        }
        return bytes
      }
      group.addTask {
        await end()
        try? await Task.sleep(for: .milliseconds(drain_ms))
        return nil
      }
      var said: [UInt8] = []
      for await bytes in group {
        if let bytes { said = bytes }
        group.cancelAll()
      }
      return said
    }
  }

  private static func report(
    _ program: String,
    _ status: TerminationStatus,
    _ said: [UInt8],
    _ late_ms: UInt32?
  ) -> CheckReport {
    switch status {
    case .exited(let code): CheckReport(CheckOutcome(exitStatus: code), "\(program): exit status \(code)", said: said)
    case .signaled(let signal):
      if signal == SIGKILL, let late_ms {
        CheckReport(.failing, "\(program): killed, since it did not end in \(late_ms) ms", said: said)
      } else {
        CheckReport(.failing, "\(program): ended by signal \(signal)", said: said)
      }
    }
  }
}
