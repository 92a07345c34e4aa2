/// Messages on a TCP connection, each with its length before it in two bytes (RFC 1035 section 4.2.2). It holds what is not
/// given out yet.
public struct MessageStream: Sendable {
  private var held: [UInt8] = []
  private static let lengthBytes = 2

  /// A connection without a byte so far.
  public init() {}

  /// Takes bytes that came, and gives the messages that are whole now. `limit` bounds these: what comes behind them is
  /// held, and given by the next call, which may bring no bytes.
  public mutating func take(_ bytes: [UInt8] = [], limit: Int = .max) -> [[UInt8]] {
    held += bytes
    var messages: [[UInt8]] = []
    var at = 0
    while messages.count < limit, held.count - at >= Self.lengthBytes {
      let start = at + Self.lengthBytes
      let end = start + Int(held[at]) << 8 + Int(held[at + 1])
      guard end <= held.count else { break }
      messages.append(Array(held[start..<end]))
      at = end
    }
    held.removeFirst(at)
    return messages
  }

  /// Bytes held. A caller that reads no more while there are more than a message can have bounds them.
  public var heldBytes: Int { held.count }

  /// `message` with its length before it.
  public static func framed(_ message: [UInt8]) -> [UInt8] {
    [UInt8(truncatingIfNeeded: message.count >> 8), UInt8(truncatingIfNeeded: message.count)] + message
  }
}
