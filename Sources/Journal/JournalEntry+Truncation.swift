/// What happens to values that exceed the bounds of an entry: they are cut where everyone can see it.
extension JournalEntry {
  /// What a full entry still has room for: the field that names what was cut. Five of the longest names fit; an entry
  /// that cut more has said enough.
  static let truncationNoteBytes = 512
  /// Ends a value that was cut, so that a reader of the value alone sees it.
  static let truncationMark: StaticString = "…"

  /// Bytes that the open field's value may still take, with room for the mark and the note kept back.
  func valueRoom(of field: OpenField) -> Int {
    let reserved = Self.truncationNoteBytes + Self.truncationMark.utf8CodeUnitCount + 1
    return min(limits.valueBytes - (buffer.count - field.value), limits.entryBytes - reserved - buffer.count)
  }

  /// Marks the open field's value as cut and notes it; false where no part of it fits and the field is left out.
  mutating func cut(_ open: OpenField) -> Bool {
    note(open)
    guard buffer.count > open.value else {
      buffer.truncate(to: open.start)
      return false
    }
    // A scalar cut in the middle would turn readable text into a blob.
    let value = UnsafeRawBufferPointer(rebasing: buffer.bytes[open.value...])
    buffer.truncate(to: open.value + value.wholeScalarPrefix)
    buffer.append(Self.truncationMark)
    return true
  }

  /// Closes the entry: WEFT_TRUNCATED names what was cut, with the original sizes in bytes, separated by commas.
  mutating func finish() {
    close()
    guard truncations.count > 0 else { return }
    buffer.append("WEFT_TRUNCATED=")
    buffer.append(truncations.bytes)
    buffer.append(UInt8(ascii: "\n"))
    truncations.removeAll()
  }

  private mutating func note(_ open: OpenField) {
    let name = UnsafeRawBufferPointer(rebasing: buffer.bytes[open.start..<(open.value - Self.lengthBytes - 1)])
    // A comma, a colon and twenty digits besides the name.
    guard truncations.count + name.count + 22 <= Self.truncationNoteBytes - "WEFT_TRUNCATED=\n".utf8.count else {
      return
    }
    if truncations.count > 0 { truncations.append(UInt8(ascii: ",")) }
    truncations.append(name)
    truncations.append(UInt8(ascii: ":"))
    truncations.append(decimal: UInt64(open.offered))
  }
}
