internal import Foundation
public import Glibc

/// A program that was started, its streams collected as they come. It ends with its whole process group when the last
/// reference to this goes, at the latest.
public final class RunningProgram: Sendable {
  /// What was started.
  public let command: Command
  /// Its pid; wrappers such as nsenter have replaced themselves, so it is the program's own.
  public let pid: pid_t
  /// What it writes to standard output.
  public let output = Transcript()
  /// What it writes to standard error.
  public let error = Transcript()

  private let standardInput: Descriptor
  private let end = ProgramEnd()

  init(_ command: Command) throws {
    self.command = command
    try Janitor.shared.start()
    let input = try Descriptor.pipe()
    let output = try Descriptor.pipe()
    let error = try Descriptor.pipe()
    pid = try Spawn(
      arguments: command.wrapped,
      environment: command.environment,
      input: input.read.number,
      output: output.write.number,
      error: error.write.number
    ).start()
    try Janitor.shared.began(group: pid)
    standardInput = input.write
    for end in [input.read, output.write, error.write] { end.close() }
    Self.drain(output.read, into: self.output)
    Self.drain(error.read, into: self.error)
    Self.watch(pid, into: end)
    feed()
  }

  deinit {
    kill()
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    Janitor.shared.ended(group: pid)
  }

  /// Hands over the command's input on a thread of its own: the program may be slow to read it.
  private func feed() {
    let (bytes, keepsOpen, input) = (command.input, command.keepsInputOpen, standardInput)
    guard !bytes.isEmpty else {
      if !keepsOpen { input.close() }
      return
    }
    Thread.detachNewThread {
      _ = Self.write(bytes, to: input)
      if !keepsOpen { input.close() }
    }
  }

  /// Writes to its standard input; needs `keepsInputOpen`.
  public func write(_ text: String) throws {
    guard Self.write(Array(text.utf8), to: standardInput) else {
      throw TestKitError.system("write to standard input of", command.description)
    }
  }

  /// Ends its standard input.
  public func closeInput() { standardInput.close() }

  /// A program that ends before it has read its input shall fail its test, not end all of them by SIGPIPE. What is spawned
  /// gets the default back.
  private static let ignoresBrokenPipes: Void = { _ = Glibc.signal(SIGPIPE, SIG_IGN) }()

  private static func write(_ bytes: [UInt8], to descriptor: Descriptor) -> Bool {
    _ = ignoresBrokenPipes
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor.number, $0.baseAddress, $0.count) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  private static func drain(_ pipe: Descriptor, into transcript: Transcript) {
    Thread.detachNewThread {
      // 64 KiB is a pipe's own default capacity; more is never waiting.
      withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 1) { buffer in
        while true {
          let count = read(pipe.number, buffer.baseAddress, buffer.count)
          if count < 0 && errno == EINTR { continue }
          guard count > 0 else { break }
          transcript.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
      }
      transcript.complete()
    }
  }

  /// Learns of the end without reaping: the pid stays taken until `deinit`, so no signal of ours can reach a stranger.
  private static func watch(_ pid: pid_t, into end: ProgramEnd) {
    Thread.detachNewThread {
      var info = siginfo_t()
      while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) < 0 {
        guard errno == EINTR else { return end.set(128 + SIGKILL) }  // Reaped by `deinit`, which kills first.
      }
      let status = info._sifields._sigchld.si_status
      end.set(info.si_code == Int32(CLD_EXITED) ? status : 128 + status)
    }
  }

  /// Its exit code (128 plus the signal that ended it), nil while it runs.
  public var exitCode: Int32? { end.code }

  /// Waits for its end; 128 plus the signal where one ended it.
  ///
  /// - Throws: `TestKitError` when `limit` is over first; it is left running.
  public func waitForExit(within limit: Duration = Deadline.usual) throws -> Int32 {
    guard let code = end.wait(Deadline(limit)) else {
      throw TestKitError("\(command) still runs after \(limit); stderr: \(error.text.suffix(2000))")
    }
    return code
  }

  /// Waits for its end and for the last of what it said. It is killed when `limit` is over first.
  public func outcome(within limit: Duration = Deadline.usual) throws -> Outcome {
    do {
      let code = try waitForExit(within: limit)
      // A grandchild may keep the pipes open; what the program itself wrote is in them by now, and read at once.
      output.waitForEnd(within: .seconds(1))
      error.waitForEnd(within: .seconds(1))
      return Outcome(command: command.description, code: code, output: output.text, error: error.text)
    } catch {
      kill()
      throw error
    }
  }

  /// Sends `signal` to the program alone.
  public func signal(_ signal: Int32) {
    if end.code == nil { _ = Glibc.kill(pid, signal) }
  }

  /// Ends its whole group at once (SIGKILL).
  public func kill() {
    _ = Glibc.kill(-pid, SIGKILL)
  }
}
