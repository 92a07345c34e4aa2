/// Hashes a value by what it would write as JSON: every leaf with its path counts once, and the counts are added up.
///
/// The order of keys therefore does not matter, of dictionaries too, while the order of lists does. What is left out
/// because it has its default does not count, so a release that adds fields keeps the revisions of documents that do
/// not use them; and no text is made only to be hashed, which would cost more than reading the snapshot.
struct HashingEncoder: Encoder {
  /// Where all leaves of one value are added up.
  final class Sum {
    var total: UInt64 = 0
  }

  let sum: Sum
  /// The path from the root to here, hashed so far.
  let path: ContentHash
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    mark(.object)
    return KeyedEncodingContainer(HashedObject<Key>(encoder: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    mark(.list)
    return HashedList(encoder: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { HashedValue(encoder: self) }

  /// What a leaf is, so that "1" and 1, and [] and {}, count differently.
  enum Kind: UInt8 { case object, list, null, text, integer, boolean, real }

  func mark(_ kind: Kind, _ add: (inout ContentHash) -> Void = { _ in }) {
    var hash = path
    hash.combine(byte: kind.rawValue)
    add(&hash)
    sum.total &+= hash.spread
  }

  func mark(_ text: String) { mark(.text) { $0.combine(text) } }
  func mark(_ flag: Bool) { mark(.boolean) { $0.combine(byte: flag ? 1 : 0) } }
  func mark(_ number: Double) { mark(.real) { $0.combine(number.bitPattern) } }
  func mark(_ number: some BinaryInteger) { mark(.integer) { $0.combine(UInt64(truncatingIfNeeded: number)) } }

  func child(_ key: String) -> HashingEncoder {
    var path = path
    path.combine(key)
    return HashingEncoder(sum: sum, path: path)
  }

  func child(_ index: Int) -> HashingEncoder {
    var path = path
    path.combine(UInt64(index))
    return HashingEncoder(sum: sum, path: path)
  }

  /// Counts any value. Texts, the many, without a container.
  func encode(_ value: some Encodable) throws {
    if let text = value as? String { mark(text) } else { try value.encode(to: self) }
  }
}

private struct HashedObject<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let encoder: HashingEncoder
  var codingPath: [any CodingKey] { [] }

  func encodeNil(forKey key: Key) { encoder.child(key.stringValue).mark(.null) }
  func encode(_ value: some Encodable, forKey key: Key) throws { try encoder.child(key.stringValue).encode(value) }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type,
    forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    encoder.child(key.stringValue).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    encoder.child(key.stringValue).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { encoder.child("super") }
  func superEncoder(forKey key: Key) -> any Encoder { encoder.child(key.stringValue) }
}

private struct HashedList: UnkeyedEncodingContainer {
  let encoder: HashingEncoder
  var count = 0
  var codingPath: [any CodingKey] { [] }

  init(encoder: HashingEncoder) { self.encoder = encoder }

  private mutating func next() -> HashingEncoder {
    defer { count += 1 }
    return encoder.child(count)
  }

  mutating func encodeNil() { next().mark(.null) }
  mutating func encode(_ value: some Encodable) throws { try next().encode(value) }

  mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    next().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { next().unkeyedContainer() }
  mutating func superEncoder() -> any Encoder { next() }
}

private struct HashedValue: SingleValueEncodingContainer {
  let encoder: HashingEncoder
  var codingPath: [any CodingKey] { [] }

  func encodeNil() { encoder.mark(.null) }
  func encode(_ value: Bool) { encoder.mark(value) }
  func encode(_ value: String) { encoder.mark(value) }
  func encode(_ value: Double) { encoder.mark(value) }
  func encode(_ value: Float) { encoder.mark(Double(value)) }
  func encode(_ value: Int) { encoder.mark(value) }
  func encode(_ value: Int8) { encoder.mark(value) }
  func encode(_ value: Int16) { encoder.mark(value) }
  func encode(_ value: Int32) { encoder.mark(value) }
  func encode(_ value: Int64) { encoder.mark(value) }
  func encode(_ value: UInt) { encoder.mark(value) }
  func encode(_ value: UInt8) { encoder.mark(value) }
  func encode(_ value: UInt16) { encoder.mark(value) }
  func encode(_ value: UInt32) { encoder.mark(value) }
  func encode(_ value: UInt64) { encoder.mark(value) }
  func encode(_ value: some Encodable) throws { try encoder.encode(value) }
}
