extension FieldTable {
  /// The value of a name's only field; nil where there is none, or more than one, or an empty one.
  func soleValue(_ name: FieldName) -> ByteRange? {
    guard let index = first(name), !hasSeveral(name), !fields[index].value.isEmpty else { return nil }
    return fields[index].value
  }

  /// Whether one element of a name's fields is `element`, which is in lower case, in whatever case. Parameters after a
  /// `;` are passed over.
  func isListed(_ element: StaticString, in name: FieldName) -> Bool {
    var index = first(name)
    while let place = index {
      var elements = ListElements(base, fields[place].value)
      while let found = elements.next() {
        var count = 0
        while count < Int(found.count), ByteSet.token.contains(ByteScan.byte(base, Int(found.start) &+ count)) {
          count &+= 1
        }
        if count == element.utf8CodeUnitCount,
          Self.isEqual(base + Int(found.start), UnsafeRawPointer(element.utf8Start), count)
        {
          return true
        }
      }
      index = hasSeveral(name) ? next(name, from: place &+ 1) : nil
    }
    return false
  }
}
