internal import CLinux
internal import Glibc

/// Takes the process's termination signals as readable events instead of handlers (signalfd(2)).
public struct SignalDescriptor: ~Copyable {
  /// Readable when a signal has arrived.
  public let descriptor: FileDescriptor

  /// Blocks `signals` for this thread and all it starts, so make it before any other thread.
  public init(_ signals: [Int32]) throws(SystemError) {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    guard pthread_sigmask(SIG_BLOCK, &set, nil) == 0 else { throw SystemError("pthread_sigmask") }
    let number = signalfd(-1, &set, Int32(SFD_NONBLOCK | SFD_CLOEXEC))
    guard number >= 0 else { throw SystemError("signalfd") }
    descriptor = FileDescriptor(owning: number)
  }

  /// The next signal that arrived, if any.
  public borrowing func next() -> Int32? {
    var info = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    return read(descriptor.raw, &info, size) == size ? Int32(info.ssi_signo) : nil
  }
}

/// The signals a proxy acts on (signal(7)).
public enum ProcessSignal {
  /// End in good order.
  public static let terminate = SIGTERM
  /// The same, from a terminal.
  public static let interrupt = SIGINT
  /// Read the policies again.
  public static let reload = SIGHUP

  /// A write to a pipe or socket whose reader is gone then fails (EPIPE) instead of ending the process.
  public static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }
}
