internal import MeshModel

extension MessageReader {
  mutating func takeQuestion() throws(DNSFault) -> Question {
    let name = try takeName()
    let type = RecordType(rawValue: try takeUInt16())
    return Question(name, type, RecordClass(rawValue: try takeUInt16()))
  }

  /// What stands in a section: a record, or the OPT record, which only looks like one.
  enum Entry {
    case record(ResourceRecord)
    case edns(EDNS)
  }

  mutating func takeEntry() throws(DNSFault) -> Entry {
    let name = try takeName()
    let type = RecordType(rawValue: try takeUInt16())
    let classBits = try takeUInt16()
    let ttlBits = try takeUInt32()
    let length = Int(try takeUInt16())
    guard length <= bytes.count - at else { throw .shortMessage }
    if type == .opt {
      guard name == .root else { throw .misplacedOPT }
      return .edns(try takeOPT(classBits, ttlBits, length))
    }
    let recordClass = RecordClass(rawValue: classBits)
    let end = at + length
    let data = try recordClass == .in ? takeData(type, length) : .other(type, Array(take(length)))
    guard at == end else { throw .recordLength }
    // A time with its first bit set is none (RFC 2181 section 8).
    return .record(ResourceRecord(name, ttl_s: ttlBits >> 31 == 0 ? ttlBits : 0, data, recordClass: recordClass))
  }

  private mutating func takeData(_ type: RecordType, _ length: Int) throws(DNSFault) -> RecordData {
    switch type {
    case .a:
      guard length == 4 else { throw .recordLength }
      return .a(IPAddress(v4: try takeUInt32()))
    case .aaaa:
      guard length == 16 else { throw .recordLength }
      let high = try takeUInt64()
      return .aaaa(IPAddress(high: high, low: try takeUInt64()))
    case .ns: return .ns(try takeName())
    case .cname: return .cname(try takeName())
    case .ptr: return .ptr(try takeName())
    case .mx:
      let preference = try takeUInt16()
      return .mx(preference: preference, try takeName())
    case .soa: return .soa(try takeSOA())
    case .srv:
      let (priority, weight, port) = (try takeUInt16(), try takeUInt16(), try takeUInt16())
      return .srv(ServiceLocation(priority: priority, weight: weight, port: port, target: try takeName()))
    default: return .other(type, Array(try take(length)))
    }
  }

  private mutating func takeSOA() throws(DNSFault) -> StartOfAuthority {
    let (server, mailbox) = (try takeName(), try takeName())
    return StartOfAuthority(
      server: server,
      mailbox: mailbox,
      serial: try takeUInt32(),
      refresh_s: try takeUInt32(),
      retry_s: try takeUInt32(),
      expire_s: try takeUInt32(),
      minimum_s: try takeUInt32()
    )
  }

  private mutating func takeOPT(
    _ classBits: UInt16,
    _ ttlBits: UInt32,
    _ length: Int
  ) throws(DNSFault) -> EDNS {
    let end = at + length
    var options: [EDNS.Option] = []
    while at < end {
      guard end - at >= 4, options.count < DNSLimit.options else { throw .malformedOPT }
      let (code, count) = (try takeUInt16(), Int(try takeUInt16()))
      guard count <= end - at else { throw .malformedOPT }
      options.append(EDNS.Option(code: code, bytes: Array(try take(count))))
    }
    return EDNS(
      udpBytes: classBits,
      extendedCode: UInt8(truncatingIfNeeded: ttlBits >> 24),
      version: UInt8(truncatingIfNeeded: ttlBits >> 16),
      wantsSignatures: ttlBits & 0x8000 != 0,
      options: options
    )
  }
}
