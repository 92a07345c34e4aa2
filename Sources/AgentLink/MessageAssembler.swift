/// Puts together the messages of one call from pieces of its body: a flag, four bytes of length, the message
/// (grpc/doc/PROTOCOL-HTTP2.md).
struct MessageAssembler {
  /// Bytes before each message.
  static let prefixBytes = 5
  /// Room that is made for a message before its bytes have come. A larger one grows as they come: a length alone must not
  /// make us spend memory.
  private static let trustedBytes = 16 << 10

  private let limit_bytes: Int
  private var prefix = InlineArray<5, UInt8>(repeating: 0)
  private var prefixCount = 0
  private var message: [UInt8] = []

  /// No message may have more than `limit_bytes`.
  init(limit_bytes: Int) { self.limit_bytes = limit_bytes }

  /// Whether the body may end here: not within a message.
  var isBetweenMessages: Bool { prefixCount == 0 }

  /// Takes a piece of the body and hands over each message that it completes.
  mutating func add(_ piece: UnsafeRawBufferPointer, _ take: ([UInt8]) -> Void) throws(GRPCStatus) {
    var rest = piece
    while true {
      while prefixCount < Self.prefixBytes {
        guard let byte = rest.first else { return }
        prefix[prefixCount] = byte
        prefixCount += 1
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst())
        if prefixCount == Self.prefixBytes { try begin() }
      }
      let count = min(length - message.count, rest.count)
      message.append(contentsOf: rest.prefix(count))
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
      guard message.count == length else { return }
      take(message)
      message = []
      prefixCount = 0
    }
  }

  private var length: Int { (1...4).reduce(0) { $0 << 8 | Int(prefix[$1]) } }

  private mutating func begin() throws(GRPCStatus) {
    guard prefix[0] == 0 else {
      throw GRPCStatus(.internalError, "the server sent a compressed message, which was not offered")
    }
    guard length <= limit_bytes else {
      throw GRPCStatus(
        .resourceExhausted,
        "the server sent a message of \(length) bytes; at most \(limit_bytes) are taken"
      )
    }
    message.reserveCapacity(min(length, Self.trustedBytes))
  }
}
