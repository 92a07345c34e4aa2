/// The names journald accepts for fields.
extension JournalEntry {
  /// journald drops fields with longer names (journal_field_valid in systemd's src/shared).
  static let maximumNameBytes = 64

  /// Upper-case letters, digits and underscores, a letter in front, at most 64 bytes.
  static func isFieldName(_ name: UnsafeRawBufferPointer) -> Bool {
    guard let first = name.first, name.count <= maximumNameBytes else { return false }
    return isLetter(first) && name.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
  }

  /// Opens `WEFT_` plus `key` in upper case, each byte that a name cannot hold as an underscore: a name from outside
  /// the program's text can neither break the protocol nor pass for a field of journald or of another program.
  mutating func open(key: String) {
    withUnsafeTemporaryAllocation(byteCount: Self.maximumNameBytes, alignment: 1) { name in
      var length = 0
      for byte in "WEFT_".utf8 {
        name[length] = byte
        length += 1
      }
      for byte in key.utf8.prefix(Self.maximumNameBytes - length) {
        let upper = byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") ? byte - 0x20 : byte
        name[length] = Self.isLetter(upper) || Self.isDigit(upper) ? upper : UInt8(ascii: "_")
        length += 1
      }
      open(nameBytes: UnsafeRawBufferPointer(rebasing: name[..<length]))
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") }
  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
