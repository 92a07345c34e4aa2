/// Appends numbers in network order and counted texts to bytes.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  mutating func put(_ number: some FixedWidthInteger) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func put(_ text: String) {
    put(UInt16(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  /// Bytes behind their number as 16 bits.
  mutating func put(short block: [UInt8]) {
    put(UInt16(block.count))
    bytes.append(contentsOf: block)
  }

  /// Bytes behind their number as 32 bits.
  mutating func put(long block: [UInt8]) {
    put(UInt32(block.count))
    bytes.append(contentsOf: block)
  }

  mutating func put(_ owner: OwnerID) {
    put(owner.name)
    put(owner.key.words.0)
    put(owner.key.words.1)
    put(owner.key.words.2)
    put(owner.key.words.3)
  }

  mutating func put(_ version: Version) {
    put(version.epoch)
    put(version.sequence)
  }

  mutating func put(_ stamp: Stamp) {
    put(stamp.wall_ms)
    put(stamp.counter)
  }

  /// A record as it is signed and sent, but for its signature.
  mutating func put(unsigned record: Record) {
    put(record.key.kind.rawValue)
    put(record.key.namespace)
    put(record.key.name)
    put(record.version)
    put(record.stamp)
    put(record.lifetime.rawValue)
    put(UInt8(record.replaces.count))
    for mark in record.replaces {
      put(mark.owner)
      put(mark.stamp)
    }
    put(UInt8(record.isTombstone ? 0 : 1))
    if let content = record.content { put(long: content) }
  }

  /// A head as it is signed and sent, but for its signature.
  mutating func put(unsigned head: Head) {
    put(head.owner)
    put(head.last)
    put(UInt8(head.past.ends.count))
    for end in head.past.ends { put(end) }
    put(head.floor)
    put(head.count)
    put(head.digest.value)
  }
}

extension Record {
  /// What the owner signs. The first text keeps a record's signature from passing for a head's.
  func signedBytes(of owner: OwnerID) -> [UInt8] {
    var writer = ByteWriter()
    writer.put("weft record 1")
    writer.put(owner)
    writer.put(unsigned: self)
    return writer.bytes
  }
}

extension Head {
  /// What the owner signs.
  var signedBytes: [UInt8] {
    var writer = ByteWriter()
    writer.put("weft head 1")
    writer.put(unsigned: self)
    return writer.bytes
  }
}
