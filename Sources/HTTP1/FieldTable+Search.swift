extension FieldTable {
  /// Index of the first field of a name, dropped ones included; nil where there is none. Costs one look-up.
  @inlinable
  public func first(_ name: FieldName) -> Int? {
    present & name.bit == 0 ? nil : Int(firsts[Int(name.rawValue)])
  }

  /// Index of the first field of a name from `start` on, dropped ones included.
  @inlinable
  public func next(_ name: FieldName, from start: Int) -> Int? {
    guard present & name.bit != 0 else { return nil }
    var index = start
    while index < count {
      if fields[index].known == name { return index }
      index += 1
    }
    return nil
  }

  /// Index of the last field of a name before `end` that is kept; nil where there is none.
  @inlinable
  public func last(_ name: FieldName, before end: Int) -> Int? {
    guard present & name.bit != 0 else { return nil }
    var index = min(end, count) - 1
    while index >= 0 {
      if fields[index].known == name, fields[index].isKept { return index }
      index -= 1
    }
    return nil
  }

  /// Whether a name occurs more than once, dropped fields included.
  @inlinable
  public func hasSeveral(_ name: FieldName) -> Bool { repeated & name.bit != 0 }

  /// How many fields of a name there are, dropped ones included.
  public func count(of name: FieldName) -> Int {
    guard present & name.bit != 0 else { return 0 }
    guard repeated & name.bit != 0 else { return 1 }
    var found = 0
    for index in 0..<count where fields[index].known == name { found += 1 }
    return found
  }

  /// Index of the first field from `start` on whose name is `lowercased`, which is in lower case; the field's case does
  /// not matter. A rule on fields looks at what is forwarded, so dropped ones are passed over unless asked for.
  public func firstIndex(
    named lowercased: UnsafeRawBufferPointer,
    from start: Int = 0,
    includingDropped: Bool = false
  ) -> Int? {
    guard let wanted = lowercased.baseAddress, !lowercased.isEmpty else { return nil }
    var index = start
    while index < count {
      let field = fields[index]
      if Int(field.name.count) == lowercased.count, field.isKept || includingDropped,
        Self.isEqual(base + Int(field.name.start), wanted, lowercased.count)
      {
        return index
      }
      index += 1
    }
    return nil
  }

  /// The same for a name written in the program.
  public func firstIndex(
    named lowercased: StaticString,
    from start: Int = 0,
    includingDropped: Bool = false
  ) -> Int? {
    firstIndex(
      named: UnsafeRawBufferPointer(start: lowercased.utf8Start, count: lowercased.utf8CodeUnitCount),
      from: start,
      includingDropped: includingDropped
    )
  }

  /// Whether `count` bytes of a name are `lowercased` in whatever case.
  static func isEqual(_ name: UnsafeRawPointer, _ lowercased: UnsafeRawPointer, _ count: Int) -> Bool {
    for offset in 0..<count
    where ByteScan.lowercase(ByteScan.byte(name, offset)) != ByteScan.byte(lowercased, offset) {
      return false
    }
    return true
  }
}
