/// One field line of a head or a trailer section.
public struct Field: BitwiseCopyable, Sendable {
  /// Its name, as written.
  public let name: ByteRange
  /// Its value, without the whitespace around it.
  public let value: ByteRange
  /// What the proxy knows the name as.
  public let known: FieldName
  @usableFromInline var flags: UInt8

  @usableFromInline
  init(name: ByteRange, value: ByteRange, known: FieldName, isPlain: Bool) {
    self.name = name
    self.value = value
    self.known = known
    flags = isPlain ? Field.kept | Field.plain : Field.kept
  }

  @inlinable static var kept: UInt8 { 1 }
  /// The line stands as `name: value CRLF` already, so that it can be copied as it is.
  @inlinable static var plain: UInt8 { 2 }

  /// Whether it is written when the fields are.
  @inlinable public var isKept: Bool { flags & Field.kept != 0 }
}
