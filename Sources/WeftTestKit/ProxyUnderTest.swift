internal import Foundation
internal import Glibc

/// A `weft-proxy` that runs in a pod and has said READY=1. It logs JSON lines to standard error, where tests read them.
public final class ProxyUnderTest: Sendable {
  /// Its name, and so its admin socket's.
  public let name: String
  /// The program itself.
  public let program: RunningProgram
  /// Where its sockets and pid files are.
  public let runDirectory: TemporaryDirectory

  /// The proxy's account, which capture leaves alone.
  public static let uid: UInt32 = 1337

  /// How it is started.
  public struct Options: Sendable {
    /// Further command line options, such as `["--idle-timeout", "1"]`.
    public var arguments: [String] = []
    /// RLIMIT_NOFILE; nil leaves the runner's.
    public var descriptorLimit: Int?
    /// Where its log goes: `stderr` for the tests to read, `journal` or `none`.
    public var log = "stderr"
    /// Whether it runs where no journald can be reached, whatever the machine has.
    public var hidesJournal = false
    /// Its run directory, to start a second proxy on the first one's; nil makes a new one.
    public var runDirectory: TemporaryDirectory?
    /// Its name; nil makes one up.
    public var name: String?
    /// Added to its environment.
    public var environment: [String: String] = [:]
    /// Who starts it: root, from which it drops to 1337 itself, or that account as an init script would hand over.
    public var uid: UInt32?
    /// One worker unless a test is about several: everything is then in one order.
    public var workers = 1

    /// The defaults, with `arguments` added.
    public init(_ arguments: String...) { self.arguments = arguments }
  }

  /// Starts it in `pod` and waits for READY=1.
  ///
  /// - Throws: `TestKitError` with what it said when it ends first, or is not ready within `limit`.
  public init(in pod: Pod, _ options: Options = Options(), within limit: Duration = Deadline.usual) throws {
    let notify = try NotifySocket()
    (program, name, runDirectory) = try Self.start(in: pod, options, notify: notify.path)
    let program = program
    try notify.waitUntilReady(program.command.description, within: limit) {
      if let code = program.exitCode {
        throw TestKitError("\(program.command) ended with \(code) before it was ready: \(try program.outcome().error)")
      }
    }
  }

  /// Starts it where it is expected to end by itself (a port taken, a bad option), and waits for that.
  public static func failure(in pod: Pod, _ options: Options) throws -> Outcome {
    try start(in: pod, options, notify: nil).0.outcome()
  }

  private static func start(
    in pod: Pod,
    _ options: Options,
    notify: String?
  ) throws -> (RunningProgram, String, TemporaryDirectory) {
    let directory = try options.runDirectory ?? TemporaryDirectory()
    let name = options.name ?? Names.unique()
    var command = Command(
      try Binaries.path("weft-proxy"),
      ["--name", name, "--run-directory", directory.path, "--log", options.log]
        + ["--workers", String(options.workers)] + options.arguments
    )
    if options.hidesJournal {
      // A mount namespace of its own, in which /run/systemd is empty.
      let hide = "mkdir -p /run/systemd && mount -t tmpfs none /run/systemd && exec \"$@\""
      let become = options.uid.map { ["setpriv", "--reuid=\($0)", "--regid=\($0)", "--clear-groups", "--"] } ?? []
      command.arguments = ["unshare", "--mount", "/bin/sh", "-c", hide, "sh"] + become + command.arguments
    }
    // Its account owns the run directory, as scripts/weft-init leaves it.
    chown(directory.path, uid, uid)
    command.uid = options.hidesJournal ? nil : options.uid
    command.pod = pod
    command.descriptorLimit = options.descriptorLimit
    command.environment = options.environment
    if let notify { command.environment["NOTIFY_SOCKET"] = notify }
    return (try command.start(), name, directory)
  }

  /// Everything it has logged so far.
  public var records: [LogRecord] { LogRecord.all(in: program.error.text) }

  /// Waits for the first record that `matches`, from the `after`-th record on.
  ///
  /// - Throws: `TestKitError` with the log's tail when there is none within `limit`.
  @discardableResult
  public func record(
    _ what: String,
    after count: Int = 0,
    within limit: Duration = Deadline.usual,
    where matches: (LogRecord) -> Bool
  ) throws -> LogRecord {
    try program.error.await("a log record: \(what)", within: limit) { text in
      LogRecord.all(in: text).dropFirst(count).first(where: matches)
    }
  }

  /// The path of its admin socket.
  public var adminSocket: String { runDirectory.file("proxy-\(name).sock") }

  /// GET `path` on its admin socket; the body.
  public func admin(_ path: String) throws -> String {
    try Command("curl", ["-sS", "--fail", "--max-time", "30", "--unix-socket", adminSocket, "http://proxy\(path)"])
      .run().orThrow().output
  }

  /// GET `path` on a port of its pod's loopback: metrics on 15020, health on 15021.
  public func get(_ path: String, port: UInt16) throws -> Outcome {
    try Command(
      "curl",
      ["-sS", "--max-time", "30", "-w", "\n%{http_code}", "http://127.0.0.1:\(port)\(path)"]
    ).with(\.pod, program.command.pod).run()
  }

  /// Its resident and anonymous memory in bytes (/proc/PID/smaps_rollup).
  public func memory() throws -> (resident: Int, anonymous: Int) {
    let text = try String(contentsOfFile: "/proc/\(program.pid)/smaps_rollup", encoding: .utf8)
    func bytes(_ key: String) -> Int {
      let line = text.split(separator: "\n").first { $0.hasPrefix("\(key):") }
      return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 } ?? 0
    }
    return (bytes("Rss"), bytes("Anonymous"))
  }

  /// How many descriptors it has open.
  public func descriptorCount() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/\(program.pid)/fd").count
  }
}
