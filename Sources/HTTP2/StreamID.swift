/// The number of a stream: odd for those that the client began, 0 for the connection itself (RFC 9113 section 5.1.1).
public struct StreamID: Hashable, Sendable, BitwiseCopyable, CustomStringConvertible {
  /// As it is in frames.
  public let number: Int32

  /// A stream by its number.
  public init(_ number: Int32) { self.number = number }

  /// The number in decimal.
  public var description: String { String(number) }
}
