import CLinux
import Glibc
import Kernel
import Testing
import WeftTestKit

@Suite struct ProcessHandleTests {
  /// Connects to the path it is given, says so, and stays until its input ends.
  private static let client = """
    import socket, sys
    peer = socket.socket(socket.AF_UNIX)
    peer.connect(sys.argv[1])
    print("connected", flush=True)
    sys.stdin.read()
    """

  @Test("A connected process is held by what the kernel knows of the connection, and known to have ended once it has")
  func peer() throws {
    let directory = try ScratchDirectory()
    let path = directory.file("any.sock")
    let listener = try UnixSocket.listen(at: path)
    let program = try Command("/usr/bin/python3", ["-c", Self.client, path]).with(\.keepsInputOpen, true).start()
    try program.output.await("connected")
    guard let socket = listener.acceptAny() else { throw SystemError("accept", path, code: EAGAIN) }
    let accepted = Shared(socket)
    let handle = try ProcessHandle.peer(ofSocket: accepted.descriptor.raw)
    let credentials = try PeerCredentials(ofSocket: accepted.descriptor.raw)
    #expect(credentials.pid == program.pid)
    #expect(credentials.uid == geteuid() && credentials.gid == getegid())
    let runs = handle.isRunning
    #expect(runs)
    program.kill()
    // It is not reaped: its number is taken still, and signals to it succeed.
    _ = try program.waitForExit()
    let runsStill = handle.isRunning
    #expect(runsStill == false)
    #expect(kill(program.pid, 0) == 0)
  }

  @Test("A socket without a peer's process has no handle")
  func nobody() throws {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    try #require(number >= 0)
    let owner = FileDescriptor(owning: number)
    #expect(throws: SystemError.self) { () throws in _ = try ProcessHandle.peer(ofSocket: owner.raw) }
  }
}
