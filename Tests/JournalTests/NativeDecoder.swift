/// A reading of the native protocol from its description alone, to hold the builder to it.
enum NativeDecoder {
  struct Field: Equatable {
    var name: String
    var value: [UInt8]

    init(_ name: String, _ value: [UInt8]) {
      self.name = name
      self.value = value
    }

    init(_ name: String, _ value: String) { self.init(name, Array(value.utf8)) }
  }

  struct Malformed: Error {}

  static func decode(_ bytes: [UInt8]) throws -> [Field] {
    var fields: [Field] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      guard let end = rest.firstIndex(of: 0x0a) else { throw Malformed() }
      let line = rest[..<end]
      if let equals = line.firstIndex(of: 0x3d) {
        fields.append(Field(String(decoding: line[..<equals], as: UTF8.self), Array(line[(equals + 1)...])))
        rest = rest[(end + 1)...]
        continue
      }
      let name = String(decoding: line, as: UTF8.self)
      rest = rest[(end + 1)...]
      guard rest.count >= 9 else { throw Malformed() }
      let size = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(8)
      guard size < rest.count, rest[rest.startIndex + size] == 0x0a else { throw Malformed() }
      fields.append(Field(name, Array(rest.prefix(size))))
      rest = rest.dropFirst(size + 1)
    }
    return fields
  }
}
