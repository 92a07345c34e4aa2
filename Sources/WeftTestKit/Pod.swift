internal import Glibc

/// A network namespace of one test, as `ip netns` makes them: lo up, IPv6 without duplicate address detection (which
/// would delay every listener by a second), removed with all that runs in it when the last reference goes.
public final class Pod: Sendable, CustomStringConvertible {
  /// Its name for `ip netns`, unique on the machine.
  public let name: String

  /// Makes an empty pod that reaches nothing but itself.
  public init() throws {
    try Janitor.shared.start()
    name = Names.unique()
    try Command("ip", ["netns", "add", name]).run().orThrow()
    try configure("net.ipv6.conf.all.accept_dad", "0")
    try configure("net.ipv6.conf.default.accept_dad", "0")
    try ip("link", "set", "lo", "up")
  }

  deinit {
    // Programs first: a namespace whose name is gone lives on as long as a process is in it.
    for pid in (try? Command("ip", ["netns", "pids", name]).run().output)?.split(separator: "\n") ?? [] {
      if let pid = pid_t(pid) { _ = kill(pid, SIGKILL) }
    }
    _ = try? Command("ip", ["netns", "delete", name]).run()
  }

  /// Its name.
  public var description: String { name }

  /// Where the namespace is mounted.
  public var path: String { "/run/netns/\(name)" }

  /// `program` in this pod, to be changed, started or run.
  public func command(_ program: String, _ arguments: String...) -> Command {
    Command(program, arguments).with(\.pod, self)
  }

  /// Runs `program` in this pod to its end.
  public func run(_ program: String, _ arguments: String...) throws -> Outcome {
    try Command(program, arguments).with(\.pod, self).run()
  }

  /// Starts `program` in this pod.
  public func start(_ program: String, _ arguments: String...) throws -> RunningProgram {
    try Command(program, arguments).with(\.pod, self).start()
  }

  /// Runs a shell line in this pod, for pipes and redirections.
  public func shell(_ line: String) throws -> Outcome { try run("/bin/sh", "-c", line) }

  /// `ip` on this pod's network; throws unless it succeeds.
  public func ip(_ arguments: String...) throws {
    try Command("ip", ["-n", name] + arguments).run().orThrow()
  }

  /// Sets one sysctl of this pod's network, such as `net.ipv4.ip_forward`.
  public func configure(_ key: String, _ value: String) throws {
    let file = "/proc/sys/" + key.replacing(".", with: "/")
    try shell("echo '\(value)' > '\(file)'").orThrow()
  }

  /// Runs `body` with the calling thread inside the pod. Sockets it makes stay the pod's wherever they are used later.
  public func inside<Result>(_ body: () throws -> Result) throws -> Result {
    let home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
    let there = open(path, O_RDONLY | O_CLOEXEC)
    defer {
      _ = close(home)
      _ = close(there)
    }
    guard home >= 0, there >= 0, setns(there, cloneNewNet) == 0 else { throw TestKitError.system("setns", path) }
    defer {
      // A runner's thread left in a pod would take every later test with it.
      guard setns(home, cloneNewNet) == 0 else { fatalError("cannot return from \(name)") }
    }
    return try body()
  }
}
