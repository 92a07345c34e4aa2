internal import Glibc
internal import Subprocess

/// One run of Serf as a child of this process.
///
/// The child must not outlive the agent, not even one that was killed: else it would go on saying that the host is alive.
/// `Subprocess` has no hook between fork and exec, so setpriv(1) asks the kernel for a signal at its parent's end
/// (PR_SET_PDEATHSIG, prctl(2)). Two things about that call matter here. The parent is the thread that forked, and
/// `Subprocess` forks all children on one thread that lives as long as the process (Thread.swift, of 1.0.2); the kernel
/// would end the child with any other thread. And a parent that ended before the call is not noticed by it, so a shell
/// compares the parent with the one that was meant before it becomes Serf.
struct SerfChild: Sendable {
  let program: String
  let configurationPath: String

  /// How a run ended.
  enum Ending: Hashable, Sendable, CustomStringConvertible {
    case exited(Int32)
    case signaled(Int32)
    case notStarted(String)

    var description: String {
      switch self {
      case .exited(127): "it could not be executed: is the package serf installed?"
      case .exited(let status): "it ended with exit status \(status)"
      case .signaled(let signal): "it was ended by signal \(signal)"
      case .notStarted(let reason): "it did not start: \(reason)"
      }
    }
  }

  /// setpriv(1), and what it is given to end as Serf, under the same process number.
  func command(parent: pid_t) -> [String] {
    [
      "setpriv", "--pdeathsig", "KILL", "--", "/bin/sh", "-c", #"[ "$PPID" = "$0" ] && exec "$@""#, String(parent),
      program, "agent", "-config-file=\(configurationPath)",
    ]
  }

  /// Runs Serf until it ends, or until the task is cancelled: then it gets TERM, and KILL after
  /// `MembershipLimit.end_ms`. `started` gets its process number, `said` each line of its output.
  func run(
    started: @Sendable (pid_t) async -> Void,
    said: @Sendable (SerfLine) async -> Void
  ) async -> Ending {
    var options = PlatformOptions()
    // A session of its own: Ctrl-C at the agent's terminal is not for Serf.
    options.createSession = true
    options.teardownSequence = [
      .gracefulShutDown(allowedDurationToNextStep: .milliseconds(Int(MembershipLimit.end_ms)))
    ]
    let command = command(parent: getpid())
    do {
      let result = try await Subprocess.run(
        .name(command[0]),
        arguments: Arguments(Array(command[1...])),
        environment: .custom(["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"]),
        platformOptions: options,
        input: .none,
        output: .sequence,
        error: .combinedWithOutput
      ) { execution in
        await started(execution.processIdentifier.value)
        var cutter = LineCutter()
        // The output's end, or an error in reading it, is the child's end, which `run` waits for.
        var pieces = execution.standardOutput.makeAsyncIterator()
        while let piece = try? await pieces.next() {
          for line in piece.withUnsafeBytes({ cutter.cut($0) }) { await said(SerfLine(line)) }
        }
      }
      switch result.terminationStatus {
      case .exited(let status): return .exited(status)
      case .signaled(let signal): return .signaled(signal)
      }
    } catch {
      return .notStarted("\(error)")
    }
  }
}
