internal import CLinux
internal import Glibc

/// The proxy's end of the process finder. Used from one thread; made by `ProcessFinderChild.start`.
public final class ProcessFinderClient {
  /// Milliseconds a question may take: as long as the finder's longest search.
  public static let timeout_ms: Int32 = 60
  /// Answers to earlier questions, which came too late, that are passed over.
  static let maximumStaleAnswers = 64

  private let socket: FileDescriptor
  private var serial: UInt32 = 0
  /// The finder's process number.
  public let pid: Int32
  /// False once the finder is gone; then every answer is nil.
  public private(set) var isAlive = true

  init(socket: consuming FileDescriptor, pid: Int32) {
    self.socket = socket
    self.pid = pid
  }

  deinit {
    // The finder ends when it reads the end of its socket; one that is stuck is ended. Its exit status is nobody's.
    shutdown(socket.raw, Int32(SHUT_RDWR))
    let isGone = kill(pid, SIGKILL) == 0 || errno == ESRCH
    waitpid(pid, nil, isGone ? 0 : Int32(WNOHANG))
  }

  /// The process that holds the socket with this inode, made by `uid`; nil where none was found in time.
  public func find(inode: UInt64, uid: UInt32) -> FoundProcess? {
    guard isAlive else { return nil }
    serial = serial == .max ? 1 : serial + 1
    var question = FinderQuestion(inode: inode, uid: uid, serial: serial)
    let size = MemoryLayout<FinderQuestion>.size
    guard send(socket.raw, &question, size, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)) == size else {
      if errno != EAGAIN && errno != EINTR { isAlive = false }
      return nil
    }
    return receive(serial: serial, timeout_ms: Self.timeout_ms)?.process
  }

  /// The answer to question `serial`; nil where it does not come in time.
  func receive(serial: UInt32, timeout_ms: Int32) -> FinderAnswer? {
    withUnsafeTemporaryAllocation(byteCount: FinderAnswer.bytes, alignment: 8) { buffer in
      for _ in 0..<Self.maximumStaleAnswers {
        var entry = pollfd(fd: socket.raw, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, timeout_ms) == 1 else { return nil }
        let count = recv(socket.raw, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
        guard count > 0 else {
          isAlive = false
          return nil
        }
        if let answer = FinderAnswer(UnsafeRawBufferPointer(rebasing: buffer[..<count])), answer.serial == serial {
          return answer
        }
      }
      return nil
    }
  }
}
