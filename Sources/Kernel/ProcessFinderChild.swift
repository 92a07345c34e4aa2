internal import CLinux
internal import Glibc

/// Why there is no process finder. The proxy works without: its records then lack the program.
public enum ProcessFinderError: Error, Equatable, CustomStringConvertible {
  /// This process may not give a child what it needs to look into others.
  case missingCapability(String)
  /// A call failed before the child ran.
  case call(SystemError)
  /// The child ended or kept silent, or says why it cannot work.
  case child(String)

  /// One line: what is missing.
  public var description: String {
    switch self {
    case .missingCapability(let name): "no \(name), so the programs behind connections cannot be looked up"
    case .call(let error): "no process finder: \(error)"
    case .child(let reason): "the process finder did not start: \(reason)"
    }
  }
}

/// The process finder: a small child, forked while the proxy is still root, that can look into other processes and do
/// nothing else. It answers one question, "who holds socket inode N?", so the proxy itself needs no capability.
///
/// It runs as `user` with CAP_SYS_PTRACE (to read the links in /proc/PID/fd) and CAP_DAC_READ_SEARCH (to open that
/// directory), ends with the proxy, and ignores the signals that ask the proxy to end: the proxy drains first.
public enum ProcessFinderChild {
  static let capabilities: Capabilities = [.sysPtrace, .dacReadSearch]
  /// Milliseconds until a fresh child must have said that it works.
  static let startTimeout_ms: Int32 = 2000

  /// Forks the finder. Call it before the first thread starts, and before `Privileges.drop`.
  public static func start(as user: Privileges.User) throws(ProcessFinderError) -> ProcessFinderClient {
    let permitted = Capabilities.permitted
    if !permitted.contains(.sysPtrace) { throw .missingCapability("CAP_SYS_PTRACE") }
    if !permitted.contains(.dacReadSearch) { throw .missingCapability("CAP_DAC_READ_SEARCH") }
    if !Privileges.canSwitchUser { throw .missingCapability("CAP_SETUID and CAP_SETGID") }
    var ends: (Int32, Int32) = (-1, -1)
    let paired = withUnsafeMutablePointer(to: &ends) {
      $0.withMemoryRebound(to: Int32.self, capacity: 2) {
        socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue), 0, $0)
      }
    }
    guard paired == 0 else { throw .call(SystemError("socketpair")) }
    let parent = getpid()
    let pid = weft_fork()
    if pid == 0 { serve(ends.1, user: user, parent: parent) }
    close(ends.1)
    let ours = FileDescriptor(owning: ends.0)
    guard pid > 0 else { throw .call(SystemError("fork")) }
    let client = ProcessFinderClient(socket: ours, pid: pid)
    switch client.receive(serial: 0, timeout_ms: startTimeout_ms) {
    case .some(let answer) where answer.status == .ready: return client
    case .some(let answer): throw .child(String(decoding: answer.text, as: UTF8.self))
    case .none: throw .child("no answer within \(startTimeout_ms) ms")
    }
  }

  // MARK: In the child

  /// Arranges the child's privileges and answers until the proxy is gone.
  private static func serve(_ inherited: Int32, user: Privileges.User, parent: pid_t) -> Never {
    let socket: Int32 = 3
    if inherited != socket { dup2(inherited, socket) }
    // Nothing of the proxy's stays open here: no listener, no terminal, no pipe that someone waits to see closed.
    _ = weft_close_range(4, .max)
    let null = weft_open("/dev/null", O_RDWR, 0)
    for number in 0..<3 as Range<Int32> where null >= 0 { dup2(null, number) }
    if null > socket { close(null) }
    for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2] { signal(number, SIG_IGN) }
    _ = "weft-finder".withCString { weft_prctl(PR_SET_NAME, UInt(bitPattern: $0), 0, 0) }
    do {
      try Privileges.drop(to: user, keeping: capabilities)
    } catch {
      send(FinderAnswer(serial: 0, status: .failed, text: "\(error)"), socket)
      _exit(1)
    }
    // After the change of user, which clears it (prctl(2)). The parent may have died before.
    _ = weft_prctl(PR_SET_PDEATHSIG, UInt(SIGKILL), 0, 0)
    guard getppid() == parent else { _exit(0) }
    var finder = ProcessFinder()
    // One search in vain, so that the first real one does not pay for pages touched first and symbols bound late: the
    // program it is about may live for a millisecond.
    _ = finder.find(inode: 0, uid: user.uid, now_ns: monotonic_ns())
    send(FinderAnswer(serial: 0, status: .ready), socket)
    while let question = receive(socket) {
      let outcome = finder.find(inode: question.inode, uid: question.uid, now_ns: monotonic_ns())
      send(FinderAnswer(serial: question.serial, outcome), socket)
    }
    _exit(0)
  }

  /// The next question; nil when the proxy is gone.
  private static func receive(_ socket: Int32) -> FinderQuestion? {
    var question = FinderQuestion()
    let size = MemoryLayout<FinderQuestion>.size
    while true {
      let count = recv(socket, &question, size, 0)
      if count == size { return question }
      if count == 0 || (count < 0 && errno != EINTR) { return nil }
    }
  }

  private static func send(_ answer: FinderAnswer, _ socket: Int32) {
    withUnsafeTemporaryAllocation(byteCount: FinderAnswer.bytes, alignment: 8) { buffer in
      answer.write(to: buffer)
      // A proxy that does not read its answers loses them; the finder never waits for it.
      _ = Glibc.send(socket, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }
  }

  private static func monotonic_ns() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
