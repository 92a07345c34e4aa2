/// What the Connection fields of a message say (RFC 9110 section 7.6.1).
struct ConnectionOptions: OptionSet {
  let rawValue: UInt8

  static let close = ConnectionOptions(rawValue: 1)
  static let keepAlive = ConnectionOptions(rawValue: 2)
  static let upgrade = ConnectionOptions(rawValue: 4)
}

extension FieldTable {
  /// Reads the Connection fields and drops the fields they name. A name that is guarded is passed over, since a client
  /// could else strike what the proxy or the program behind it relies on; naming a framing field is refused.
  mutating func takeConnectionOptions() throws(HeadStop) -> ConnectionOptions {
    if let sole = usualOption { return sole }
    var options: ConnectionOptions = []
    var budget = HeadLimit.connectionOptions
    var index = first(.connection)
    while let place = index {
      var elements = ListElements(base, fields[place].value)
      while let element = elements.next() {
        guard budget > 0 else { throw .refused(.malformedConnection) }
        budget &-= 1
        guard !element.isEmpty else { continue }
        options.formUnion(try takeOption(element))
      }
      index = hasSeveral(.connection) ? next(.connection, from: place + 1) : nil
    }
    return options
  }

  /// The option of a message that names just one, and that keep-alive or close: nearly every one that names any.
  private var usualOption: ConnectionOptions? {
    guard let value = soleValue(.connection) else { return nil }
    let start = base + Int(value.start)
    if value.count == 10, FixedText.isEqualIgnoringCase(start, "keep-alive") { return .keepAlive }
    return value.count == 5 && FixedText.isEqualIgnoringCase(start, "close") ? .close : nil
  }

  private mutating func takeOption(_ option: ByteRange) throws(HeadStop) -> ConnectionOptions {
    let name = base + Int(option.start)
    let count = Int(option.count)
    for offset in 0..<count where !ByteSet.token.contains(ByteScan.byte(name, offset)) {
      throw .refused(.malformedConnection)
    }
    switch FieldName.recognize(name, count) {
    case .host, .contentLength, .transferEncoding: throw .refused(.connectionNamesFraming)
    case .trailer: drop(.trailer)
    case .keepAlive: return .keepAlive
    case .upgrade: return .upgrade
    case .other:
      if count == 5, FixedText.isEqualIgnoringCase(name, "close") { return .close }
      if !FieldGuard.isGuarded(name, count) { dropFields(named: name, count) }
    default: break
    }
    return []
  }

  private mutating func dropFields(named name: UnsafeRawPointer, _ count: Int) {
    for index in 0..<self.count where fields[index].known == .other && Int(fields[index].name.count) == count {
      let other = base + Int(fields[index].name.start)
      var offset = 0
      while offset < count,
        ByteScan.lowercase(ByteScan.byte(name, offset)) == ByteScan.lowercase(ByteScan.byte(other, offset))
      {
        offset &+= 1
      }
      if offset == count { fields[index].flags &= ~Field.kept }
    }
  }
}
