internal import FoundationEssentials

/// The JSON of the admin socket: keys sorted, so that replies of equal content are equal bytes.
public enum AdminJSON {
  /// The compact form that travels; `pretty` is for people.
  public static func encode(_ value: some Encodable, pretty: Bool = false) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      pretty ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.sortedKeys, .withoutEscapingSlashes]
    return [UInt8](try encoder.encode(value))
  }

  /// Reads a reply. Keys we do not know pass, since a newer proxy may say more.
  public static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
    try JSONDecoder().decode(type, from: Data(bytes))
  }
}
