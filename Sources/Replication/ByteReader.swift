/// Reads what `ByteWriter` wrote, and nothing else: each value has one encoding, and every count a bound.
struct ByteReader {
  private let bytes: [UInt8]
  private var at = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private mutating func take(_ count: Int) throws(CodecError) -> ArraySlice<UInt8> {
    guard count <= bytes.count - at else { throw .truncated }
    defer { at += count }
    return bytes[at..<at + count]
  }

  mutating func end() throws(CodecError) {
    guard at == bytes.count else { throw .trailingBytes }
  }

  mutating func number<Number: FixedWidthInteger>(_: Number.Type = Number.self) throws(CodecError) -> Number {
    var number: Number = 0
    for byte in try take(Number.bitWidth / 8) { number = number << 8 | Number(truncatingIfNeeded: byte) }
    return number
  }

  /// A number of things, at most `limit`.
  mutating func count<Number: FixedWidthInteger>(_: Number.Type, limit: Int) throws(CodecError) -> Int {
    let count = Int(try number(Number.self))
    guard count <= limit else { throw .tooMany(limit: limit) }
    return count
  }

  mutating func flag() throws(CodecError) -> Bool {
    let byte = try number(UInt8.self)
    guard byte <= 1 else { throw .invalid("flag") }
    return byte == 1
  }

  mutating func text() throws(CodecError) -> String {
    let count = try count(UInt16.self, limit: ReplicationLimits.nameBytes)
    guard let text = String(validating: try take(count), as: UTF8.self) else { throw .invalid("text") }
    return text
  }

  mutating func block<Number: FixedWidthInteger>(_: Number.Type, limit: Int) throws(CodecError) -> [UInt8] {
    Array(try take(try count(Number.self, limit: limit)))
  }

  mutating func owner() throws(CodecError) -> OwnerID {
    let name = try text()
    let key = KeyFingerprint(words: (try number(), try number(), try number(), try number()))
    let owner = OwnerID(name: name, key: key)
    guard owner.isValid else { throw .invalid("owner") }
    return owner
  }

  mutating func version() throws(CodecError) -> Version { Version(epoch: try number(), sequence: try number()) }

  mutating func stamp() throws(CodecError) -> Stamp { Stamp(wall_ms: try number(), counter: try number()) }

  mutating func record() throws(CodecError) -> Record {
    let key = RecordKey(kind: RecordKey.Kind(rawValue: try text()), namespace: try text(), name: try text())
    guard key.isValid else { throw .invalid("key") }
    let (version, stamp) = (try version(), try stamp())
    guard let lifetime = Lifetime(rawValue: try number()) else { throw .invalid("lifetime") }
    var replaces: [Mark] = []
    for _ in 0..<(try count(UInt8.self, limit: ReplicationLimits.marks)) {
      replaces.append(Mark(owner: try owner(), stamp: try self.stamp()))
    }
    let hasContent = try flag()
    let content = hasContent ? try block(UInt32.self, limit: ReplicationLimits.contentBytes) : nil
    return Record(
      key: key,
      version: version,
      stamp: stamp,
      lifetime: lifetime,
      replaces: replaces,
      content: content,
      signature: try block(UInt16.self, limit: ReplicationLimits.signatureBytes)
    )
  }

  mutating func head() throws(CodecError) -> Head {
    let (owner, last) = (try owner(), try version())
    var ends: [Version] = []
    for _ in 0..<(try count(UInt8.self, limit: ReplicationLimits.pastEpochs)) { ends.append(try version()) }
    guard let past = Past(ends) else { throw .invalid("past") }
    return Head(
      owner: owner,
      last: last,
      past: past,
      floor: try version(),
      count: try number(),
      digest: SetDigest(value: try number()),
      signature: try block(UInt16.self, limit: ReplicationLimits.signatureBytes)
    )
  }
}

/// Why bytes are no message.
public enum CodecError: Error, Hashable, Sendable {
  /// They end too early.
  case truncated
  /// They go on after the message.
  case trailingBytes
  /// More than `limit` of something, or bytes.
  case tooMany(limit: Int)
  /// The named part is none.
  case invalid(String)
  /// Another version of the protocol.
  case unsupportedVersion(UInt8)
}
