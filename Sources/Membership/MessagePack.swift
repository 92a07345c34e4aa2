/// A value of MessagePack (the format's specification at msgpack.org), as far as Serf's RPC speaks it: no floating point
/// number and no extension type.
enum MessagePack: Hashable, Sendable {
  case null
  case flag(Bool)
  case integer(Int64)
  /// The string family, where it is UTF-8. Serf's library is older than the byte family and may use strings for bytes.
  case text(String)
  /// The byte family, and strings that are no UTF-8: a member's tags are what any holder of the gossip key says.
  case bytes([UInt8])
  case array([MessagePack])
  /// In the order of the wire. Keys are not checked to differ: the first one counts.
  case map([Pair])

  /// One entry of a map.
  struct Pair: Hashable, Sendable {
    let key: MessagePack
    let value: MessagePack
  }

  /// A map with texts as keys.
  static func record(_ fields: KeyValuePairs<String, MessagePack>) -> MessagePack {
    .map(fields.map { Pair(key: .text($0.key), value: $0.value) })
  }

  /// The value under a text key of a map; nil for any other value.
  subscript(name: String) -> MessagePack? {
    guard case .map(let pairs) = self else { return nil }
    return pairs.first { $0.key == .text(name) }?.value
  }

  /// The text of a string.
  var text: String? {
    guard case .text(let text) = self else { return nil }
    return text
  }

  /// The bytes of a string of either family.
  var rawBytes: [UInt8]? {
    switch self {
    case .text(let text): Array(text.utf8)
    case .bytes(let bytes): bytes
    default: nil
    }
  }

  /// The number.
  var integer: Int64? {
    guard case .integer(let number) = self else { return nil }
    return number
  }
}

/// Bounds on one value.
enum MessagePackLimit {
  /// Bytes: the list of `MembershipLimit.members`, each with 512 bytes of tags (Serf's own limit) and as much for its
  /// name and the keys, which Serf repeats for each.
  static let bytes = 8 << 20
  /// Values within one: such a list has some 40 a member.
  static let items = 1 << 20
  /// Arrays and maps around a value; the deepest answer of Serf has four.
  static let depth = 8
}

/// Why bytes are no value.
enum MessagePackError: Error, Hashable, Sendable {
  /// The bytes end within the value.
  case truncated
  /// There are bytes behind the value.
  case trailingBytes
  /// Beyond one of `MessagePackLimit`, in bytes, items or depth.
  case tooLarge(String)
  /// A first byte that stands for nothing, or for a type that Serf's RPC has no use for.
  case unsupportedType(UInt8)
  /// An unsigned number beyond the signed ones; Serf counts from zero.
  case integerRange
}

extension MessagePackError: CustomStringConvertible {
  /// A clause that says what was wrong.
  var description: String {
    switch self {
    case .truncated: "the value ends too early"
    case .trailingBytes: "there are bytes behind the value"
    case .tooLarge(let what): "the value is too large: more than \(what)"
    case .unsupportedType(let byte): "no value starts with byte \(byte)"
    case .integerRange: "a number is beyond 63 bits"
    }
  }
}
