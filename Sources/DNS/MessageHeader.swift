/// The id and the flags of a message (RFC 1035 section 4.1.1, RFC 4035 section 3.2).
public struct MessageHeader: Hashable, Sendable, BitwiseCopyable {
  /// By which a response is known to its query.
  public var id: UInt16
  /// The flags as they came, the bit that must be zero included.
  public var flags: UInt16

  /// A header.
  public init(id: UInt16, flags: UInt16 = 0) {
    self.id = id
    self.flags = flags
  }

  /// The header before a message of at least `DNSLimit.headerBytes`; nil for a shorter one.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count >= DNSLimit.headerBytes else { return nil }
    id = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
    flags = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
  }

  /// QUERY, the only opcode that is served.
  public static let queryOpcode: UInt8 = 0

  /// QR: whether this is a response.
  public var isResponse: Bool {
    get { flags & 0x8000 != 0 }
    set { set(0x8000, newValue) }
  }
  /// What is asked for: 0 is a standard query.
  public var opcode: UInt8 { UInt8(truncatingIfNeeded: flags >> 11 & 0xf) }
  /// AA: whether the answer comes from who is responsible for the name.
  public var isAuthoritative: Bool {
    get { flags & 0x0400 != 0 }
    set { set(0x0400, newValue) }
  }
  /// TC: whether something had to be left out.
  public var isTruncated: Bool {
    get { flags & 0x0200 != 0 }
    set { set(0x0200, newValue) }
  }
  /// RD: whether the client wants others to be asked.
  public var isRecursionDesired: Bool {
    get { flags & 0x0100 != 0 }
    set { set(0x0100, newValue) }
  }
  /// RA: whether the server would ask others.
  public var isRecursionAvailable: Bool {
    get { flags & 0x0080 != 0 }
    set { set(0x0080, newValue) }
  }
  /// AD: whether the server checked the signatures, or the client asks that it tells.
  public var isAuthenticData: Bool {
    get { flags & 0x0020 != 0 }
    set { set(0x0020, newValue) }
  }
  /// CD: whether the client checks signatures by itself.
  public var isCheckingDisabled: Bool {
    get { flags & 0x0010 != 0 }
    set { set(0x0010, newValue) }
  }
  /// The lower four bits of the response code.
  public var codeBits: UInt16 {
    get { flags & 0x000f }
    set { flags = flags & ~0x000f | newValue & 0x000f }
  }

  private mutating func set(_ bit: UInt16, _ isSet: Bool) { flags = isSet ? flags | bit : flags & ~bit }

  /// The header of a response to a query with this one: the id, the opcode, RD and CD are the client's.
  func response() -> MessageHeader {
    var header = MessageHeader(id: id, flags: flags & 0x7910)
    header.isResponse = true
    header.isRecursionAvailable = true
    return header
  }
}
