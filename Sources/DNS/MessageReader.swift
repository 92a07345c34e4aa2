/// A place in a message that is being read. No read passes the end, and names lead only backwards.
struct MessageReader {
  let bytes: [UInt8]
  private(set) var at = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { at == bytes.count }

  mutating func takeByte() throws(DNSFault) -> UInt8 {
    guard at < bytes.count else { throw .shortMessage }
    defer { at += 1 }
    return bytes[at]
  }

  mutating func takeUInt16() throws(DNSFault) -> UInt16 {
    let high = try takeByte()
    return UInt16(high) << 8 | UInt16(try takeByte())
  }

  mutating func takeUInt32() throws(DNSFault) -> UInt32 {
    let high = try takeUInt16()
    return UInt32(high) << 16 | UInt32(try takeUInt16())
  }

  mutating func takeUInt64() throws(DNSFault) -> UInt64 {
    let high = try takeUInt32()
    return UInt64(high) << 32 | UInt64(try takeUInt32())
  }

  mutating func take(_ count: Int) throws(DNSFault) -> ArraySlice<UInt8> {
    guard count <= bytes.count - at else { throw .shortMessage }
    defer { at += count }
    return bytes[at..<at + count]
  }

  /// A name, perhaps compressed (RFC 1035 section 4.1.4). Each pointer leads to before all that was read of the name so
  /// far, so no walk goes round.
  mutating func takeName() throws(DNSFault) -> DomainName {
    var name: [UInt8] = []
    var place = at
    var start = at
    var end: Int?
    var pointers = 0
    while true {
      guard place < bytes.count else { throw .shortMessage }
      let byte = bytes[place]
      switch byte >> 6 {
      case 0b00:
        let next = place + 1 + Int(byte)
        guard next <= bytes.count else { throw .shortMessage }
        name += bytes[place..<next]
        guard name.count <= DNSLimit.nameBytes else { throw .nameTooLong }
        place = next
        if byte == 0 {
          at = end ?? place
          return DomainName(checked: name)
        }
      case 0b11:
        guard place + 1 < bytes.count else { throw .shortMessage }
        let target = Int(byte & 0x3f) << 8 | Int(bytes[place + 1])
        pointers += 1
        guard target < start, target >= DNSLimit.headerBytes, pointers <= DNSLimit.pointers else { throw .pointer }
        end = end ?? place + 2
        (place, start) = (target, target)
      default: throw .labelType
      }
    }
  }
}
