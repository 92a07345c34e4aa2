import Glibc
import WeftTestKit

@testable import HTTP2

/// A session on a socket of the test's own, read and written when `poll` says so. Bodies wait here while the other side's
/// windows are closed, and what came is consumed when it went on: a slow reader slows its sender.
final class PathSocket {
  let descriptor: Int32
  private var session: PathSession
  private let scratch = PathScratch()
  private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: PathOutput.recordBytes, alignment: 16)
  private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
  /// Bytes that the kernel did not take yet.
  private var output: [UInt8] = []
  private var bodies: [StreamID: Body] = [:]
  private(set) var isOver = false
  private let handle: (PathSocket, PathEvent, UnsafeRawBufferPointer) throws -> Void

  private struct Body {
    var waiting: [UInt8] = []
    var isLast = false
    var trailers: [(StaticString, String)] = []
    /// Whether what is sent came from the other side, and makes room there.
    var consumes = false
  }

  init(
    _ descriptor: Int32,
    _ role: PathSession.Role,
    handle: @escaping (PathSocket, PathEvent, UnsafeRawBufferPointer) throws -> Void
  ) throws {
    self.descriptor = descriptor
    self.handle = handle
    session = try PathSession(role: role)
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
  }

  deinit {
    close(descriptor)
    memory.deallocate()
    input.deallocate()
  }

  var refusal: PathRefusal { session.refusal }
  var wantsWrite: Bool { !output.isEmpty || session.wantsOutput }

  func fields(_ range: PathFieldRange) -> PathFieldList { scratch.fields(range) }

  func request(_ fields: PathFieldList, ends: Bool) throws -> StreamID {
    try session.submitRequest(fields, endsStream: ends, scratch)
  }

  func respond(_ fields: PathFieldList, on stream: StreamID) throws {
    try session.submitResponse(fields, on: stream, endsStream: false, scratch)
  }

  func consume(_ count: Int, of stream: StreamID) { session.consume(count, of: stream) }

  /// Sends body bytes, now or when there is room. Those that `came` are consumed when they have gone.
  func send(_ bytes: some Sequence<UInt8>, on stream: StreamID, isLast: Bool = false, came: Bool = false) {
    bodies[stream, default: Body()].waiting += bytes
    bodies[stream]?.consumes = came
    if isLast { bodies[stream]?.isLast = true }
    flush(stream)
  }

  /// Ends the stream with a field behind all that waits.
  func trail(_ name: StaticString, _ value: String, on stream: StreamID) {
    bodies[stream, default: Body()].trailers.append((name, value))
    flush(stream)
  }

  /// Reads and writes what can be; false when the connection is over.
  func turn() throws {
    while !isOver {
      let count = recv(descriptor, input.baseAddress, input.count, 0)
      if count < 0, errno == EAGAIN { break }
      guard count > 0, session.wantsInput else {
        isOver = true
        break
      }
      try receive(UnsafeRawBufferPointer(rebasing: input[..<count]))
    }
    try write()
  }

  private func receive(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes
    while true {
      let received = session.receive(rest, now_ms: 0, scratch)
      try takeEvents(rest)
      rest = UnsafeRawBufferPointer(rebasing: rest[received.taken...])
      if !received.isPaused { return }
    }
  }

  private func takeEvents(_ bytes: UnsafeRawBufferPointer) throws {
    while let event = scratch.next() {
      switch event.kind {
      case .writable: flush(event.stream)
      case .closed: bodies[event.stream] = nil
      default: break
      }
      try handle(self, event, bytes)
    }
  }

  private func flush(_ stream: StreamID) {
    while var body = bodies[stream] {
      var room = PathOutput(memory)
      let isLast = body.isLast && body.trailers.isEmpty
      let sent = body.waiting.withUnsafeBytes { session.send($0, on: stream, isLast: isLast, into: &room, scratch) }
      output += room.bytes
      if body.consumes { session.consume(sent.taken, of: stream) }
      body.waiting.removeFirst(sent.taken)
      bodies[stream] = body
      if sent.next == .output { continue }
      guard sent.next == .done, let (name, value) = body.trailers.first else { return }
      var buffer = PathFieldBuffer(bytes: 1000, fields: 1)
      _ = Array(value.utf8).withUnsafeBytes { buffer.append(name, $0) }
      bodies[stream]?.trailers = []
      buffer.withList { try? session.submitTrailers($0, on: stream, scratch) }
      return
    }
  }

  func write() throws {
    while !isOver {
      if output.isEmpty {
        var room = PathOutput(memory)
        session.takeOutput(into: &room, scratch)
        output += room.bytes
        try takeEvents(UnsafeRawBufferPointer(start: nil, count: 0))
        guard !output.isEmpty else { return isOver = !session.wantsInput }
      }
      let count = output.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count < 0, errno == EAGAIN { return }
      guard count > 0 else { return isOver = true }
      output.removeFirst(count)
    }
  }
}

/// Sockets that are served in one loop, and a listener whose connections are servers.
final class PathSockets {
  private let listener: Int32
  private(set) var accepted = 0
  var sockets: [PathSocket] = []
  private let serve: (PathSocket, PathEvent, UnsafeRawBufferPointer) throws -> Void

  /// Listens at a path.
  init(at path: String, serve: @escaping (PathSocket, PathEvent, UnsafeRawBufferPointer) throws -> Void) throws {
    self.serve = serve
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let bound = try Self.with(path) { Glibc.bind(listener, $0, $1) }
    guard bound == 0, listen(listener, 64) == 0 else { throw TestKitError("listen at \(path): errno \(errno)") }
    _ = fcntl(listener, F_SETFL, O_NONBLOCK)
  }

  deinit { close(listener) }

  /// A connection to a path; nil where nobody listens.
  static func connect(to path: String) throws -> Int32? {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    if try with(path, { Glibc.connect(descriptor, $0, $1) }) == 0 { return descriptor }
    close(descriptor)
    return nil
  }

  /// Waits for something to do, and does it.
  func turn(_ deadline: Deadline) throws {
    var polled = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
    for socket in sockets {
      let events = Int16(POLLIN) | (socket.wantsWrite ? Int16(POLLOUT) : 0)
      polled.append(pollfd(fd: socket.descriptor, events: events, revents: 0))
    }
    guard poll(&polled, nfds_t(polled.count), deadline.millisecondsLeft) > 0 else {
      throw TestKitError("nothing came in time on \(sockets.count) connections")
    }
    for (socket, polled) in zip(sockets, polled.dropFirst()) where polled.revents != 0 { try socket.turn() }
    sockets.removeAll { $0.isOver }
    if polled[0].revents != 0, case let descriptor = accept(listener, nil, nil), descriptor >= 0 {
      accepted += 1
      sockets.append(try PathSocket(descriptor, .server, handle: serve))
    }
  }

  private static func with(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) throws -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw TestKitError("too long: \(path)") }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
  }
}
