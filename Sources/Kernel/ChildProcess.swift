internal import CLinux
internal import Glibc

/// Runs one program to its end with an argument vector: no shell, no inherited environment, bounded in time.
public struct ChildProcess: Sendable {
  /// How a program ended and what it said.
  public struct Outcome: Sendable, Equatable {
    /// The exit status, or 128 plus the signal number as shells count it.
    public let status: Int32
    /// What it wrote, up to the limit.
    public let standardOutput: [UInt8]
    /// What it complained, up to the limit.
    public let standardError: [UInt8]
    /// It was killed because `deadlineSeconds` had passed.
    public let timedOut: Bool

    /// Standard error as text, invalid UTF-8 replaced.
    public var complaint: String { String(decoding: standardError, as: UTF8.self) }
    /// Standard output as text, invalid UTF-8 replaced.
    public var text: String { String(decoding: standardOutput, as: UTF8.self) }
  }

  /// Output beyond this is read and thrown away: no tool we call says more, and memory stays bounded.
  static let outputLimitBytes = 16 << 20

  let path: String
  let arguments: [String]
  let environment: [String]

  /// `path` must be absolute; `arguments` exclude the program's own name; `environment` holds `NAME=value`.
  public init(_ path: String, _ arguments: [String], environment: [String] = ["LC_ALL=C"]) {
    self.path = path
    self.arguments = arguments
    self.environment = environment
  }

  /// Spawns the program from the calling thread (so in its namespaces), feeds it `input`, and waits.
  public func run(input: [UInt8] = [], deadlineSeconds: Int = 60) throws(SystemError) -> Outcome {
    var pipes = try Pipes()
    let child = try spawn(&pipes)
    pipes.closeChildEnds()
    let deadline = Self.nowMilliseconds() + deadlineSeconds * 1000
    let timedOut = pipes.exchange(input: input, deadline: deadline)
    if timedOut { _ = kill(child, SIGKILL) }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { throw SystemError("waitpid", path) }
    }
    let signal = status & 0x7f
    return Outcome(
      status: signal == 0 ? (status >> 8) & 0xff : 128 + signal,
      standardOutput: pipes.output,
      standardError: pipes.complaint,
      timedOut: timedOut
    )
  }

  private func spawn(_ pipes: inout Pipes) throws(SystemError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, pipes.childInput, 0)
    posix_spawn_file_actions_adddup2(&actions, pipes.childOutput, 1)
    posix_spawn_file_actions_adddup2(&actions, pipes.childComplaint, 2)

    let argv = ([path] + arguments).map { strdup($0) } + [nil]
    let envp = environment.map { strdup($0) } + [nil]
    defer { (argv + envp).forEach { free($0) } }
    var child: pid_t = 0
    let code = posix_spawn(&child, path, &actions, nil, argv, envp)
    guard code == 0 else { throw SystemError("posix_spawn", path, code: code) }
    return child
  }

  static func nowMilliseconds() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
  }
}

/// The three channels to a child. Its input is a socket, so that a child that stops reading costs us an error
/// (MSG_NOSIGNAL) and not a SIGPIPE.
private struct Pipes: ~Copyable {
  private var ours: [Int32] = []
  private var theirs: [Int32] = []
  var output: [UInt8] = []
  var complaint: [UInt8] = []

  init() throws(SystemError) {
    for index in 0..<3 {
      var pair: [Int32] = [-1, -1]
      guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
        throw SystemError("socketpair", "channel \(index)")
      }
      ours.append(pair[0])
      theirs.append(pair[1])
    }
  }

  deinit { (ours + theirs).forEach { if $0 >= 0 { _ = close($0) } } }

  var childInput: Int32 { theirs[0] }
  var childOutput: Int32 { theirs[1] }
  var childComplaint: Int32 { theirs[2] }

  mutating func closeChildEnds() {
    theirs.forEach { _ = close($0) }
    theirs = []
  }

  /// Feeds the input and collects both outputs until the child closed them. True when the deadline passed first.
  mutating func exchange(input: [UInt8], deadline: Int) -> Bool {
    var fed = 0
    if input.isEmpty { finishInput() }
    while ours[1] >= 0 || ours[2] >= 0 {
      let left = deadline - ChildProcess.nowMilliseconds()
      guard left > 0 else { return true }
      var watched = [
        pollfd(fd: ours[0], events: Int16(POLLOUT), revents: 0),
        pollfd(fd: ours[1], events: Int16(POLLIN), revents: 0),
        pollfd(fd: ours[2], events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&watched, 3, Int32(clamping: left)) > 0 else { continue }
      if watched[0].revents != 0, !feed(input, from: &fed) { finishInput() }
      if watched[1].revents != 0, !collect(1) { _ = closeOurs(1) }
      if watched[2].revents != 0, !collect(2) { _ = closeOurs(2) }
    }
    return false
  }

  /// Sends some of what is left; false once all is sent or the child no longer reads.
  private func feed(_ input: [UInt8], from fed: inout Int) -> Bool {
    let count = input.withUnsafeBytes { bytes in
      send(ours[0], bytes.baseAddress.map { $0 + fed }, bytes.count - fed, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }
    if count < 0 { return errno == EAGAIN || errno == EINTR }
    fed += count
    return fed < input.count
  }

  /// Reads one chunk of the channel; false at its end.
  private mutating func collect(_ channel: Int) -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65536)
    let count = read(ours[channel], &chunk, chunk.count)
    if count < 0 { return errno == EINTR || errno == EAGAIN }
    if channel == 1, output.count < ChildProcess.outputLimitBytes { output += chunk[..<count] }
    if channel == 2, complaint.count < ChildProcess.outputLimitBytes { complaint += chunk[..<count] }
    return count > 0
  }

  private mutating func finishInput() { _ = closeOurs(0) }

  private mutating func closeOurs(_ index: Int) -> Int32 {
    guard ours[index] >= 0 else { return 0 }
    defer { ours[index] = -1 }
    return close(ours[index])
  }
}
