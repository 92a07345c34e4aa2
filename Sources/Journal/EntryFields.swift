/// Reads a finished entry back, field by field.
extension JournalEntry {
  /// Calls `body` with the name and the value of each field in order. The entry must not be changed meanwhile.
  func forEachField(_ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void) {
    let bytes = self.bytes
    var index = 0
    while index < bytes.count {
      // Names hold neither byte, so the first of them decides the form.
      let start = index
      while bytes[index] != UInt8(ascii: "="), bytes[index] != UInt8(ascii: "\n") { index += 1 }
      let name = UnsafeRawBufferPointer(rebasing: bytes[start..<index])
      let isPlain = bytes[index] == UInt8(ascii: "=")
      index += 1
      var length = 0
      if isPlain {
        while bytes[index + length] != UInt8(ascii: "\n") { length += 1 }
      } else {
        length = Int(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)))
        index += Self.lengthBytes
      }
      body(name, UnsafeRawBufferPointer(rebasing: bytes[index..<(index + length)]))
      index += length + 1
    }
  }
}
