// Records and heads on their own, as an agent writes them down: the bytes they have in messages, one encoding each.

extension Record {
  /// The record as bytes, its signature included.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.put(unsigned: self)
    writer.put(short: signature)
    return writer.bytes
  }

  /// Reads one record, which must be all of `bytes`.
  ///
  /// - Throws: `CodecError` for anything but what `encoded()` makes, or beyond a bound of `ReplicationLimits`.
  public init(decoding bytes: [UInt8]) throws(CodecError) {
    var reader = ByteReader(bytes)
    self = try reader.record()
    try reader.end()
  }
}

extension Head {
  /// The head as bytes, its signature included.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.put(unsigned: self)
    writer.put(short: signature)
    return writer.bytes
  }

  /// Reads one head, which must be all of `bytes`.
  ///
  /// - Throws: `CodecError` for anything but what `encoded()` makes, or beyond a bound of `ReplicationLimits`.
  public init(decoding bytes: [UInt8]) throws(CodecError) {
    var reader = ByteReader(bytes)
    self = try reader.head()
    try reader.end()
  }
}
