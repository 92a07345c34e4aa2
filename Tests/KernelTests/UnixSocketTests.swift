import CLinux
import Glibc
import Kernel
import Testing

@Suite struct UnixSocketTests {
  private let directory: ScratchDirectory
  private var path: String { directory.file("admin.sock") }

  init() throws { directory = try ScratchDirectory() }

  /// `errno` of trying to listen at `path`, 0 where it worked.
  private func attempt(_ path: String) -> Int32 {
    do {
      _ = try UnixSocket.listen(at: path)
      return 0
    } catch {
      #expect(error.subject == path, "the error names the path")
      return error.code
    }
  }

  @Test("A listener's file is for its owner and group only, and whoever connects is known by pid and uid")
  func peers() throws {
    let listener = try UnixSocket.listen(at: path)
    var status = stat()
    #expect(lstat(path, &status) == 0)
    #expect(status.st_mode == S_IFSOCK | 0o660)
    let client = try UnixSocket.connect(to: path)
    guard let socket = listener.acceptAny() else { throw SystemError("accept", path, code: EAGAIN) }
    let accepted = Shared(socket)
    let peer = try required(UnixSocket.peer(of: accepted.descriptor))
    #expect(peer.pid == getpid())
    #expect(peer.uid == geteuid())
    client.say("hello")
    #expect(accepted.descriptor.awaitBytes().bytes == Array("hello".utf8))
  }

  @Test("A socket file whose listener is gone, as kill -9 leaves it, is replaced")
  func abandoned() throws {
    _ = try UnixSocket.listen(at: path)
    #expect(access(path, F_OK) == 0, "the file outlives its listener")
    let listener = try UnixSocket.listen(at: path)
    let client = try UnixSocket.connect(to: path)
    #expect(Readable.wait(listener) == POLLIN)
    client.say("")
  }

  @Test("A live listener keeps its path, also while its queue is full")
  func live() throws {
    let listener = try UnixSocket.listen(at: path)
    #expect(attempt(path) == EADDRINUSE)
    // Connections nobody accepts, until the kernel takes no more.
    var waiting: [Shared] = []
    while let one = try connectWithoutWaiting(), waiting.count < 1000 { waiting.append(Shared(one)) }
    #expect((1..<1000).contains(waiting.count))
    #expect(attempt(path) == EADDRINUSE)
    #expect(access(path, F_OK) == 0)
    #expect(Readable.wait(listener) == POLLIN)
  }

  @Test("Dialling a listener whose queue stays full ends with an error instead of waiting for ever")
  func stuckListener() throws {
    let listener = try UnixSocket.listen(at: path)
    var waiting: [Shared] = []
    while let one = try connectWithoutWaiting(), waiting.count < 1000 { waiting.append(Shared(one)) }
    #expect(throws: SystemError("connect", path, code: EAGAIN)) { () throws in
      _ = try UnixSocket.connect(to: path, patience_ms: 1)
    }
    #expect(Readable.wait(listener) == POLLIN)
  }

  @Test("A connection that never waits is there at once, and its calls do not wait either")
  func withoutWaiting() throws {
    #expect(throws: SystemError("connect", path, code: ENOENT)) { () throws in
      _ = try UnixSocket.connectWithoutWaiting(to: path)
    }
    let listener = try UnixSocket.listen(at: path)
    let client = Shared(try UnixSocket.connectWithoutWaiting(to: path))
    var byte: UInt8 = 0
    #expect(recv(client.descriptor.raw, &byte, 1, 0) == -1 && errno == EAGAIN)
    let (isReadable, isWritable) = (client.waits(.readable), client.waits(.writable))
    #expect(!isReadable && isWritable)
    guard let socket = listener.acceptAny() else { throw SystemError("accept", path, code: EAGAIN) }
    Shared(socket).descriptor.say("x")
    let hasCome = client.waits(.readable, timeout_ms: 5000)
    #expect(hasCome)
    #expect(client.descriptor.awaitBytes().bytes == Array("x".utf8))
  }

  /// A non-blocking connection to `path`; nil where the queue is full.
  private func connectWithoutWaiting() throws -> FileDescriptor? {
    do {
      return try UnixSocket.connectWithoutWaiting(to: path)
    } catch {
      guard error.code == EAGAIN else { throw error }
      return nil
    }
  }

  @Test("A file that is no socket, and a link, are left as they are")
  func inTheWay() throws {
    try directory.write("admin.sock", "precious")
    #expect(attempt(path) == EADDRINUSE)
    #expect(directory.read("admin.sock") == "precious")
    _ = try UnixSocket.listen(at: directory.file("abandoned.sock"))
    symlink("abandoned.sock", directory.file("link.sock"))
    #expect(attempt(directory.file("link.sock")) == EADDRINUSE)
    #expect(access(directory.file("link.sock"), F_OK) == 0)
  }

  @Test("A path that cannot be bound is refused with the kernel's own reason: no such directory, not taken")
  func reasons() {
    #expect(attempt(directory.file("missing/admin.sock")) == ENOENT)
    #expect(attempt(directory.file(String(repeating: "n", count: 110))) == ENAMETOOLONG)
    let longest = directory.file("")
    let exact = longest + String(repeating: "n", count: UnixSocket.pathLimit - longest.utf8.count)
    #expect(attempt(exact) == 0, "as long as the kernel allows")
  }

  @Test("Nobody at the path is a refused connection or a missing file, by name")
  func nobody() throws {
    #expect(throws: SystemError("connect", path, code: ENOENT)) { () throws in _ = try UnixSocket.connect(to: path) }
    _ = try UnixSocket.listen(at: path)
    #expect(throws: SystemError("connect", path, code: ECONNREFUSED)) { () throws in
      _ = try UnixSocket.connect(to: path)
    }
    UnixSocket.forget(path)
    #expect(access(path, F_OK) != 0)
  }
}

/// A descriptor that can be kept in an array.
final class Shared: Sendable {
  let descriptor: FileDescriptor
  init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
  func waits(_ interest: Readiness, timeout_ms: Int32 = 0) -> Bool { descriptor.wait(interest, timeout_ms: timeout_ms) }
}
