/// What a name server says that cannot answer: SERVFAIL to the question as it was asked (RFC 1035 section 4.1.1). Resolvers
/// then ask the next server at once, where for silence they wait seconds.
enum NameRefusal {
  /// Bytes of a query that are looked at: the header and the longest question, name, type and class. What comes after, such
  /// as EDNS, is not answered to (RFC 6891 section 7 allows it).
  static let query_bytes = header_bytes + 255 + 4
  private static let header_bytes = 12

  /// Makes the answer in the place of the query. Returns its length; 0 for what is no query, which is not answered.
  static func answer(_ message: UnsafeMutableRawBufferPointer) -> Int {
    guard message.count >= header_bytes, message[2] & Flag.response == 0 else { return 0 }
    let end = message[4] == 0 && message[5] == 1 ? questionEnd(message) : nil
    message[2] = Flag.response | message[2] & (Flag.opcode | Flag.recursionDesired)
    message[3] = Flag.recursionAvailable | message[3] & Flag.checkingDisabled | Flag.serverFailure
    message[5] = end == nil ? 0 : 1
    message[4] = 0
    for index in 6..<header_bytes { message[index] = 0 }
    return end ?? header_bytes
  }

  /// Bits of the header's third and fourth byte.
  private enum Flag {
    static let response: UInt8 = 0x80
    static let opcode: UInt8 = 0x78
    static let recursionDesired: UInt8 = 0x01
    static let recursionAvailable: UInt8 = 0x80
    static let checkingDisabled: UInt8 = 0x10
    static let serverFailure: UInt8 = 0x02
  }

  /// Where the one question ends; nil where it is not whole, or its name has what no query's has: pointers.
  private static func questionEnd(_ message: UnsafeMutableRawBufferPointer) -> Int? {
    var index = header_bytes
    while index < message.count {
      let length = Int(message[index])
      guard length > 0 else { return index + 5 <= message.count ? index + 5 : nil }
      guard length < 64 else { return nil }
      index += 1 + length
    }
    return nil
  }
}
