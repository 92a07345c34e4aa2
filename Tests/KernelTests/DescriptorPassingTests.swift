import Glibc
import Kernel
import Testing

@Suite struct DescriptorPassingTests {
  @Test("Passed descriptors come in their order, open the same files, and close on exec")
  func order() throws {
    let pair = try UnixPair()
    let pipes = try (0..<3).map { _ in try Pipe() }
    try UnixSocket.send(Array("three".utf8), descriptors: pipes.map { $0.input.descriptor.raw }, to: pair.one)
    let message = try UnixSocket.receive(limit: 64, from: pair.other)
    #expect(message.bytes == Array("three".utf8))
    let received = message.descriptors.map { Shared(FileDescriptor(owning: $0)) }
    #expect(received.count == 3)
    for (number, (copy, pipe)) in zip(received, pipes).enumerated() {
      #expect(fcntl(copy.descriptor.raw, F_GETFD) & FD_CLOEXEC != 0)
      #expect(copy.descriptor.raw != pipe.input.descriptor.raw)
      #expect(write(copy.descriptor.raw, "\(number)", 1) == 1)
      #expect(pipe.output.descriptor.awaitText() == "\(number)")
    }
  }

  @Test("A copy lives on when the sender has closed its own")
  func survives() throws {
    let listenerCopy = try passAListener()
    let address = try required(listenerCopy.descriptor.localAddress())
    let client = try dialled(address)
    #expect(Readable.wait(listenerCopy.descriptor) == POLLIN)
    #expect(client.takeError() == 0)
  }

  /// A listening socket that was passed, while the sender's is closed on return.
  private func passAListener() throws -> Shared {
    let pair = try UnixPair()
    let listener = try LoopbackListener()
    try UnixSocket.send([1], descriptors: [listener.socket.raw], to: pair.one)
    let message = try UnixSocket.receive(limit: 1, from: pair.other)
    return Shared(FileDescriptor(owning: try #require(message.descriptors.first)))
  }

  @Test("As many as the kernel allows in one message arrive; one more is an error, and sends nothing")
  func limit() throws {
    let pair = try UnixPair()
    let most = [Int32](repeating: pair.one.raw, count: UnixSocket.descriptorLimit)
    try UnixSocket.send([1], descriptors: most, to: pair.one)
    let message = try UnixSocket.receive(limit: 8, from: pair.other)
    for number in message.descriptors { _ = FileDescriptor(owning: number) }
    #expect(message.descriptors.count == UnixSocket.descriptorLimit)
    #expect(throws: SystemError.self) {
      try UnixSocket.send([1], descriptors: most + [pair.one.raw], to: pair.one)
    }
    #expect(Readable.isQuiet(pair.other) == true)
  }

  @Test("Bytes without descriptors are just bytes; a closed sender is the empty message; nothing there is an error")
  func plain() throws {
    let pair = try UnixPair()
    #expect(throws: SystemError("recvmsg", code: EAGAIN)) { try UnixSocket.receive(limit: 8, from: pair.other) }
    pair.one.say("plain")
    let message = try UnixSocket.receive(limit: 3, from: pair.other)
    #expect(message.bytes == Array("pla".utf8))
    #expect(message.descriptors.isEmpty)
    try UnixSocket.send(Array("x".utf8), descriptors: [], to: pair.one)
    pair.one.finishWriting()
    #expect(try UnixSocket.receive(limit: 8, from: pair.other).bytes == Array("inx".utf8))
    #expect(try UnixSocket.receive(limit: 8, from: pair.other).bytes == [])
  }
}

/// A pipe's two ends.
struct Pipe {
  let output: Shared
  let input: Shared

  init() throws {
    var numbers: [Int32] = [-1, -1]
    guard pipe(&numbers) == 0 else { throw SystemError("pipe") }
    for number in numbers { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
    output = Shared(FileDescriptor(owning: numbers[0]))
    input = Shared(FileDescriptor(owning: numbers[1]))
  }
}

extension Readable {
  /// Whether there is nothing to read now.
  static func isQuiet(_ descriptor: borrowing FileDescriptor) -> Bool { !descriptor.waitReadable(timeout_ms: 0) }
}

extension FileDescriptor {
  /// What read(2) gives next, waiting for it; empty at the end, nil where nothing came.
  borrowing func awaitText() -> String? {
    guard Readable.wait(self) != 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(raw, &bytes, bytes.count)
    return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
  }
}
