/// The start of a value: its type, and how much comes behind it.
struct MessagePackToken {
  enum Kind {
    case null
    case flag(Bool)
    case integer(Int64)
    /// So many bytes follow.
    case text(Int)
    case bytes(Int)
    /// So many values follow.
    case array(Int)
    /// So many keys with values follow.
    case map(Int)
  }

  let kind: Kind
  /// Bytes of the start itself.
  let headBytes: Int

  /// Bytes that follow and are part of this very value.
  var payloadBytes: Int {
    switch kind {
    case .text(let count), .bytes(let count): count
    default: 0
    }
  }

  /// Values that follow and are part of this one.
  var items: Int {
    switch kind {
    case .array(let count): count
    case .map(let count): 2 * count
    default: 0
    }
  }

  private init(_ kind: Kind, _ headBytes: Int) {
    self.kind = kind
    self.headBytes = headBytes
  }

  /// The start at `index` of `bytes`; nil where more bytes are needed to tell.
  init?(in bytes: [UInt8], at index: Int) throws(MessagePackError) {
    guard index < bytes.count else { return nil }
    let first = bytes[index]
    switch first {
    case 0x00...0x7f: self.init(.integer(Int64(first)), 1)
    case 0xe0...0xff: self.init(.integer(Int64(Int8(bitPattern: first))), 1)
    case 0x80...0x8f: self.init(.map(Int(first & 0x0f)), 1)
    case 0x90...0x9f: self.init(.array(Int(first & 0x0f)), 1)
    case 0xa0...0xbf: self.init(.text(Int(first & 0x1f)), 1)
    case 0xc0: self.init(.null, 1)
    case 0xc2, 0xc3: self.init(.flag(first == 0xc3), 1)
    default:
      guard let (size, make) = Self.sized(first) else { throw .unsupportedType(first) }
      guard bytes.count - index > size else { return nil }
      let number = bytes[index + 1...index + size].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      guard let kind = make(number) else { throw .integerRange }
      self.init(kind, 1 + size)
    }
  }

  /// What a first byte that has a number behind it says: the number's size in bytes, and what it means.
  private static func sized(_ first: UInt8) -> (Int, (UInt64) -> Kind?)? {
    switch first {
    case 0xc4: (1, { .bytes(Int($0)) })
    case 0xc5: (2, { .bytes(Int($0)) })
    case 0xc6: (4, { .bytes(Int($0)) })
    case 0xcc: (1, { .integer(Int64($0)) })
    case 0xcd: (2, { .integer(Int64($0)) })
    case 0xce: (4, { .integer(Int64($0)) })
    case 0xcf: (8, { Int64(exactly: $0).map { .integer($0) } })
    case 0xd0: (1, { .integer(Int64(Int8(truncatingIfNeeded: $0))) })
    case 0xd1: (2, { .integer(Int64(Int16(truncatingIfNeeded: $0))) })
    case 0xd2: (4, { .integer(Int64(Int32(truncatingIfNeeded: $0))) })
    case 0xd3: (8, { .integer(Int64(truncatingIfNeeded: $0)) })
    case 0xd9: (1, { .text(Int($0)) })
    case 0xda: (2, { .text(Int($0)) })
    case 0xdb: (4, { .text(Int($0)) })
    case 0xdc: (2, { .array(Int($0)) })
    case 0xdd: (4, { .array(Int($0)) })
    case 0xde: (2, { .map(Int($0)) })
    case 0xdf: (4, { .map(Int($0)) })
    default: nil
    }
  }
}
