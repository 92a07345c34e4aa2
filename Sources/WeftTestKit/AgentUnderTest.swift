internal import Glibc

/// A `weft-agent` that runs in a pod as its host, and has said READY=1. It logs JSON lines to standard error.
public final class AgentUnderTest {
  /// The program itself; another one after `restart`.
  public private(set) var program: RunningProgram
  /// What it keeps over restarts, its socket, and its service files.
  public let directory: TemporaryDirectory
  private let pod: Pod
  private let arguments: [String]
  private let wrapper: [String]

  /// Where its name server listens in its pod.
  public static let names = "127.0.0.1:15053"

  /// Starts it in `pod` and waits for READY=1.
  ///
  /// - Parameter wrapper: A command that runs it and replaces itself with it, such as `env` or `nsenter`; gets the agent's
  ///   command line.
  /// - Throws: `TestKitError` with what it said when it ends first, or is not ready within `limit`.
  public init(
    in pod: Pod,
    _ arguments: [String] = [],
    through wrapper: (TemporaryDirectory) throws -> [String] = { _ in [] },
    within limit: Duration = Deadline.usual
  ) throws {
    self.pod = pod
    directory = try TemporaryDirectory()
    self.wrapper = try wrapper(directory)
    self.arguments =
      [
        "run", "--data-dir", directory.file("data"), "--run-dir", directory.path, "--services",
        directory.file("services"), "--dns", Self.names, "--log", "stderr",
      ] + (arguments.contains("--metrics-port") ? [] : ["--metrics-port", "0"]) + arguments
    // Proxies of another account look for the socket here.
    chmod(directory.path, 0o755)
    mkdir(directory.file("services"), 0o755)
    program = try Self.start(pod, self.wrapper, self.arguments, within: limit)
  }

  /// Its socket.
  public var socket: String { directory.file("agent.sock") }

  /// Ends it without a word, as a crash does.
  public func crash() throws {
    program.kill()
    _ = try program.waitForExit()
  }

  /// Starts it again on what it kept.
  public func restart(within limit: Duration = Deadline.usual) throws {
    program = try Self.start(pod, wrapper, arguments, within: limit)
  }

  private static func start(
    _ pod: Pod,
    _ wrapper: [String],
    _ arguments: [String],
    within limit: Duration
  ) throws -> RunningProgram {
    let notify = try NotifySocket()
    var command = Command("")
    command.arguments = wrapper + [try Binaries.path("weft-agent")] + arguments
    command.pod = pod
    command.environment["NOTIFY_SOCKET"] = notify.path
    let program = try command.start()
    try notify.waitUntilReady("weft-agent", within: limit) {
      if let code = program.exitCode {
        throw TestKitError("weft-agent ended with \(code) before it was ready: \(try program.outcome().error)")
      }
    }
    return program
  }

  /// Runs `weft` against it, as root.
  public func weft(_ arguments: String..., input: String = "") throws -> Outcome {
    try weft(arguments, input: input)
  }

  /// Runs `weft` against it, as root.
  public func weft(_ arguments: [String], input: String = "") throws -> Outcome {
    var command = Command(try Binaries.path("weft"), arguments)
    command.environment["WEFT_AGENT_SOCKET"] = socket
    command.input = Array(input.utf8)
    return try command.run()
  }
}
