internal import MeshModel

/// Bytes of a message that is being written, with names compressed where they may be (RFC 1035 section 4.1.4).
struct MessageWriter {
  private(set) var bytes: [UInt8] = []
  /// Where each name, or end of a name, was written first. Case counts, so that every name comes out as it went in.
  private var places: [ArraySlice<UInt8>: Int] = [:]
  /// A pointer has 14 bits.
  private static let lastPlace = 0x3fff

  mutating func put(_ byte: UInt8) { bytes.append(byte) }
  mutating func put(_ word: UInt16) { bytes += [UInt8(word >> 8), UInt8(truncatingIfNeeded: word)] }
  mutating func put(_ word: UInt32) {
    put(UInt16(word >> 16))
    put(UInt16(truncatingIfNeeded: word))
  }
  mutating func put(_ word: UInt64) {
    put(UInt32(word >> 32))
    put(UInt32(truncatingIfNeeded: word))
  }
  mutating func put(_ more: [UInt8]) { bytes += more }

  /// A name; `isCompressed` is false where RFC 2782 or RFC 3597 forbid it.
  mutating func put(_ name: DomainName, isCompressed: Bool = true) {
    guard isCompressed else { return put(name.bytes) }
    var rest = name.bytes[...]
    while rest.first != 0 {
      if let place = places[rest] { return put(0xc000 | UInt16(place)) }
      if bytes.count <= Self.lastPlace { places[rest] = bytes.count }
      let label = rest.prefix(1 + Int(rest.first ?? 0))
      bytes += label
      rest = rest.dropFirst(label.count)
    }
    put(UInt8(0))
  }

  mutating func put(_ question: Question) {
    put(question.name)
    put(question.type.rawValue)
    put(question.recordClass.rawValue)
  }

  mutating func put(_ record: ResourceRecord) {
    put(record.name)
    put(record.data.type.rawValue)
    put(record.recordClass.rawValue)
    put(record.ttl_s)
    putSized { $0.put(record.data) }
  }

  /// The OPT record (RFC 6891 section 6.1.2).
  mutating func put(_ edns: EDNS) {
    put(UInt8(0))
    put(RecordType.opt.rawValue)
    put(edns.udpBytes)
    put(UInt32(edns.extendedCode) << 24 | UInt32(edns.version) << 16 | (edns.wantsSignatures ? 0x8000 : 0))
    putSized { writer in
      for option in edns.options {
        writer.put(option.code)
        writer.put(UInt16(truncatingIfNeeded: option.bytes.count))
        writer.put(option.bytes)
      }
    }
  }

  private mutating func put(_ data: RecordData) {
    switch data {
    case .a(let address): put(address.v4)
    case .aaaa(let address):
      put(address.high)
      put(address.low)
    case .ns(let name), .cname(let name), .ptr(let name): put(name)
    case .mx(let preference, let name):
      put(preference)
      put(name)
    case .soa(let start):
      put(start.server)
      put(start.mailbox)
      for number in [start.serial, start.refresh_s, start.retry_s, start.expire_s, start.minimum_s] { put(number) }
    case .srv(let location):
      for number in [location.priority, location.weight, location.port] { put(number) }
      put(location.target, isCompressed: false)
    case .other(_, let bytes): put(bytes)
    }
  }

  /// What `write` writes, with its length before it.
  private mutating func putSized(_ write: (inout MessageWriter) -> Void) {
    let place = bytes.count
    put(UInt16(0))
    write(&self)
    set(UInt16(truncatingIfNeeded: bytes.count - place - 2), at: place)
  }

  mutating func set(_ word: UInt16, at place: Int) {
    bytes[place] = UInt8(word >> 8)
    bytes[place + 1] = UInt8(truncatingIfNeeded: word)
  }

  /// Takes back all that was written from `count` on. No name may be written after that, for it could lead there.
  mutating func cut(to count: Int) { bytes.removeLast(bytes.count - count) }
}
