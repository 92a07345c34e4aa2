// What has its default is left out of a snapshot's JSON, and taken for the default when it is read.

extension KeyedDecodingContainer {
  /// A list; absent means empty.
  package func list<Element: Decodable>(_ key: Key) throws -> [Element] {
    try decodeIfPresent([Element].self, forKey: key) ?? []
  }

  /// A value; absent means `standard`.
  package func value<Value: Decodable>(_ key: Key, else standard: Value) throws -> Value {
    try decodeIfPresent(Value.self, forKey: key) ?? standard
  }

  /// An error about the value of `key`.
  package func wrong(_ key: Key, _ message: String) -> DecodingError {
    .dataCorruptedError(forKey: key, in: self, debugDescription: message)
  }
}

extension KeyedEncodingContainer {
  /// Writes a list unless it is empty.
  package mutating func encode<Element: Encodable>(list: [Element], _ key: Key) throws {
    if !list.isEmpty { try encode(list, forKey: key) }
  }

  /// Writes a value unless it is `standard`.
  package mutating func encode<Value: Encodable & Equatable>(_ value: Value, _ key: Key, else standard: Value) throws {
    if value != standard { try encode(value, forKey: key) }
  }

  /// Writes a selector unless it selects all.
  mutating func encode(_ selector: LabelSelector, _ key: Key) throws {
    try encode(selector, key, else: LabelSelector())
  }
}
