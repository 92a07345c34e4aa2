/// The text of an address, held in place: making one allocates nothing.
public struct IPAddressText: Sendable {
  /// Room for the longest there is: eight groups of four digits. Dotted IPv4 stands only behind `::`.
  private typealias Room = InlineArray<39, UInt8>

  private var bytes = Room(repeating: 0)
  private var count = 0

  /// Dotted IPv4, or IPv6 as RFC 5952 section 4 has it: lower case, no leading zeros, `::` for the first of the longest
  /// runs of zero groups. Like inet_ntop(3), an address of 96 zero bits before others ends in dotted IPv4.
  public init(_ address: IPAddress) {
    if address.isIPv4 { put(dotted: address.v4) } else { put(groupsOf: address) }
  }

  /// Calls `body` with the text, which it must not keep.
  @inline(__always)
  public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    Swift.withUnsafeBytes(of: bytes) { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
  }

  private mutating func put(groupsOf address: IPAddress) {
    let gap = address.longestGap
    var index = 0
    while index < IPAddress.groups {
      if index == gap.lowerBound, !gap.isEmpty {
        put(UInt8(ascii: ":"))
        put(UInt8(ascii: ":"))
        index = gap.upperBound
        // The IPv4-compatible addresses of RFC 4291 section 2.5.5.1.
        if gap == 0..<6 { return put(dotted: address.v4) }
        continue
      }
      if index > 0, index != gap.upperBound || gap.isEmpty { put(UInt8(ascii: ":")) }
      put(hexadecimal: address.group(index))
      index += 1
    }
  }

  private mutating func put(_ byte: UInt8) {
    bytes[count] = byte
    count += 1
  }

  private mutating func put(dotted bits: UInt32) {
    for shift: UInt32 in [24, 16, 8, 0] {
      let octet = UInt8(truncatingIfNeeded: bits >> shift)
      if octet >= 100 { put(UInt8(ascii: "0") + octet / 100) }
      if octet >= 10 { put(UInt8(ascii: "0") + octet / 10 % 10) }
      put(UInt8(ascii: "0") + octet % 10)
      if shift > 0 { put(UInt8(ascii: ".")) }
    }
  }

  private mutating func put(hexadecimal group: UInt16) {
    var shift = max(0, 12 - group.leadingZeroBitCount / 4 * 4)
    while shift >= 0 {
      let digit = UInt8(truncatingIfNeeded: group >> UInt16(shift) & 0xf)
      put(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
      shift -= 4
    }
  }
}

extension IPAddress {
  fileprivate static let groups = 8

  /// The 16 bits at a place from the left.
  fileprivate func group(_ index: Int) -> UInt16 {
    UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64(48 - index % 4 * 16))
  }

  /// The first of the longest runs of two or more zero groups; empty where there is none.
  fileprivate var longestGap: Range<Int> {
    var longest = 0..<0
    var start = 0
    for index in 0..<Self.groups {
      guard group(index) == 0 else {
        start = index + 1
        continue
      }
      // RFC 5952 section 4.2.2: one group alone is not shortened.
      if index - start >= 1, index + 1 - start > longest.count { longest = start..<index + 1 }
    }
    return longest
  }
}
