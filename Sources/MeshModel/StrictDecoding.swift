/// Any key of a JSON object, so that the ones nobody asked for can be seen.
struct AnyKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension Decoder {
  /// A keyed container that holds no other keys than those of `type`.
  package func strictContainer<Key: CodingKey & CaseIterable>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<
    Key
  > {
    let found = try container(keyedBy: AnyKey.self).allKeys
    let unknown = found.filter { Key(stringValue: $0.stringValue) == nil }
    // The smallest, so that the message is the same every time.
    if let first = unknown.map(\.stringValue).min() {
      let names = Key.allCases.map(\.stringValue).sorted().joined(separator: ", ")
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: codingPath + [AnyKey(stringValue: first)],
          debugDescription: "unknown key; known are \(names)"
        )
      )
    }
    return try container(keyedBy: type)
  }
}

extension DecodingError {
  /// The place as a path (`policies[3].name`) and a clause about what is wrong there.
  package var placeAndMessage: (place: String, message: String) {
    switch self {
    case .typeMismatch(let type, let context):
      (context.codingPath.place, "has the wrong type; wanted is \(Self.name(type))")
    case .valueNotFound(let type, let context):
      (context.codingPath.place, "is null; wanted is \(Self.name(type))")
    case .keyNotFound(let key, let context):
      (context.codingPath.place, "key \"\(key.stringValue)\" is missing")
    case .dataCorrupted(let context):
      (context.codingPath.place, context.debugDescription)
    @unknown default:
      ("", "\(self)")
    }
  }

  private static func name(_ type: any Any.Type) -> String {
    switch type {
    case is String.Type: "text"
    case is any FixedWidthInteger.Type: "a whole number"
    case is Bool.Type: "true or false"
    case is [Any].Type: "a list"
    default: "\(type)".hasPrefix("Array") ? "a list" : "an object"
    }
  }
}

extension [any CodingKey] {
  fileprivate var place: String {
    reduce(into: "") { path, key in
      if let index = key.intValue {
        path += "[\(index)]"
      } else {
        path += path.isEmpty ? key.stringValue : ".\(key.stringValue)"
      }
    }
  }
}
