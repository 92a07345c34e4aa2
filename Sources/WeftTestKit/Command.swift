/// A program to run: what, where, as whom. A value; nothing happens until `run()` or `start()`.
public struct Command: Sendable, CustomStringConvertible {
  /// The program, looked up in PATH unless it is a path, and its arguments.
  public var arguments: [String]
  /// Added to a minimal environment (PATH, LC_ALL, HOME).
  public var environment: [String: String] = [:]
  /// Handed to its standard input, which then ends. Empty: /dev/null's silence.
  public var input: [UInt8] = []
  /// Whether standard input stays open after `input`, to be written and closed by the test.
  public var keepsInputOpen = false
  /// The pod whose network it uses; nil for the host's.
  public var pod: Pod?
  /// The user and group it runs as, without supplementary groups; nil for root.
  public var uid: UInt32?
  /// RLIMIT_NOFILE; nil leaves the runner's.
  public var descriptorLimit: Int?

  /// `program` with `arguments`, on the host's network as root until changed.
  public init(_ program: String, _ arguments: [String] = []) { self.arguments = [program] + arguments }

  /// The pod and the command line, as a shell user would read it.
  public var description: String {
    "\(pod.map { "[\($0.name)] " } ?? "")\(arguments.joined(separator: " "))"
  }

  /// The same command with one property changed, for call chains.
  public func with<Value>(_ property: WritableKeyPath<Command, Value>, _ value: Value) -> Command {
    var copy = self
    copy[keyPath: property] = value
    return copy
  }

  /// Starts it; the caller ends it, or lets go of the value, which does.
  public func start() throws -> RunningProgram { try RunningProgram(self) }

  /// Runs it to its end.
  ///
  /// - Throws: `TestKitError` when it cannot start, or is not over within `limit` (it is killed then).
  public func run(within limit: Duration = Deadline.usual) throws -> Outcome {
    try start().outcome(within: limit)
  }

  /// What is really executed. Each wrapper replaces itself with the next, so the pid stays the program's own.
  var wrapped: [String] {
    var wrappers: [String] = []
    if let pod { wrappers += ["nsenter", "--net=\(pod.path)", "--"] }
    if let descriptorLimit { wrappers += ["prlimit", "--nofile=\(descriptorLimit):\(descriptorLimit)", "--"] }
    if let uid { wrappers += ["setpriv", "--reuid=\(uid)", "--regid=\(uid)", "--clear-groups", "--"] }
    return wrappers + arguments
  }
}
