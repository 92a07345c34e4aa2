extension FieldTable {
  /// Writes every field that is kept as `name: value CRLF`. Neighbours that stand in exactly that form are copied at
  /// once.
  public func write(into writer: inout HeadWriter) {
    let fields = fields
    let count = count
    var index = 0
    while index < count {
      let field = fields[index]
      if field.flags == Field.kept | Field.plain {
        // Plain lines that are neighbours in the table are neighbours in the bytes: each ends in CRLF, and nothing but
        // field lines is between them.
        var last = index
        while last &+ 1 < count, fields[last &+ 1].flags == Field.kept | Field.plain { last &+= 1 }
        let lines = ByteRange(Int(field.name.start), to: fields[last].value.end &+ 2)
        writer.put(lines.bytes(of: base))
        index = last &+ 1
      } else {
        if field.isKept {
          writer.put(field.name.bytes(of: base))
          writer.put(": ")
          writer.put(field.value.bytes(of: base))
          writer.put("\r\n")
        }
        index &+= 1
      }
    }
  }
}
