internal import Kernel
internal import Reactor

/// One end of a connection: its socket, or a stream (one of a connection to another proxy, or TLS over a socket of its own), and
/// what was last said of it.
/// Edge-triggered: a flag stays until a call finds the opposite.
struct Side: ~Copyable {
  /// None, where it is a stream.
  let socket: FileDescriptor
  let stream: StreamEnd
  var isReadable = false
  var isWritable = false
  /// FIN or an error has been announced, and its edge is spent, or urgent data, at whose mark a read stops: a short read
  /// does not mean that all has been read.
  var mayHoldMore = false

  /// Reset or otherwise dead, as epoll reported it.
  var isBroken = false

  init(_ socket: consuming FileDescriptor) {
    self.socket = socket
    stream = .none
  }

  init(_ stream: consuming StreamEnd, isWritable: Bool) {
    socket = .none
    self.stream = stream
    self.isWritable = isWritable
  }

  /// Whether it is a stream.
  @inline(__always) var isStream: Bool { !socket.isOpen }
  /// Whether it is a stream of a connection to another proxy.
  @inline(__always) var isPeerStream: Bool { isStream && !stream.isSecure }

  /// Reads what is here, up to the buffer.
  @inline(__always)
  func receive(into buffer: UnsafeMutableRawBufferPointer) -> ReadOutcome {
    isStream ? stream.receive(into: buffer) : socket.receive(into: buffer)
  }

  /// Writes as much as is taken.
  @inline(__always)
  func transmit(_ bytes: UnsafeRawBufferPointer) -> WriteOutcome {
    isStream ? stream.transmit(bytes) : socket.transmit(bytes)
  }

  /// Says the end: FIN, END_STREAM or close_notify.
  func finishWriting() { if isStream { stream.finishWriting() } else { socket.finishWriting() } }
  /// From now on its close is a reset.
  func resetOnClose() { if isStream { stream.resetOnClose() } else { socket.resetOnClose() } }
  /// `errno` of what went wrong, once; 0 where nothing did.
  func takeError() -> Int32 { isStream ? stream.takeError() : socket.takeError() }
  /// Whether a close would lose bytes of the sender, and so reset it.
  func hasUnreadBytes() -> Bool { isStream ? stream.hasUnreadBytes() : socket.hasUnreadBytes() }

  /// Takes what epoll reported.
  mutating func note(_ readiness: Readiness) {
    if !readiness.isDisjoint(with: [.readable, .peerFinished, .urgent, .hangUp, .error]) { isReadable = true }
    if !readiness.isDisjoint(with: [.peerFinished, .urgent, .hangUp, .error]) { mayHoldMore = true }
    if readiness.contains(.error) { isBroken = true }
    if !readiness.isDisjoint(with: [.writable, .hangUp, .error]) { isWritable = true }
  }
}
