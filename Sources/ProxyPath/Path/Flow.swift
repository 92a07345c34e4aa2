/// One direction of a connection: bytes on their way, how many went, and how far the end has got.
struct Flow: ~Copyable {
  /// Read from the sender but not yet taken by the receiver; owned by the worker's pool.
  var pending: UnsafeMutableRawBufferPointer?
  /// How much of `pending` the receiver has taken.
  var pendingOffset: Int32 = 0
  var readSize = ReadSize.smallest
  /// The sender's end-of-stream has been read.
  var isEnded = false
  /// The receiver has been told of it: nothing more will move this way.
  var isForwarded = false
  /// Bytes read from the sender.
  var bytes: UInt64 = 0
}

/// How much one read may take. It grows with a flow that fills it, since bigger copies cost fewer calls; and it is the
/// bound on what a slow reader can make the proxy hold in one direction.
struct ReadSize: BitwiseCopyable {
  private(set) var bytes: Int32

  /// A first read: a request, a handshake, a page.
  static let smallest = ReadSize(bytes: 16 << 10)
  /// Measured with iperf3: 64 KiB costs a quarter more CPU a byte than 256 KiB; 512 KiB is no worse, and perhaps some
  /// 4 % better (docs/decisions/0006). It still fits the second-level cache.
  static let largest = ReadSize(bytes: 512 << 10)
  /// While the worker's buffers are over their limit: small enough that thousands of slow readers stay bounded.
  static let underPressure = ReadSize(bytes: 4 << 10)

  /// Twice as much, up to the largest: the last read was full.
  mutating func grow() { bytes = min(bytes << 1, Self.largest.bytes) }
}
