internal import MeshModel

/// A set of addresses as disjoint ranges in ascending order, so that a lookup is a binary search.
struct AddressRanges {
  /// An inclusive range.
  struct Range: BitwiseCopyable {
    let first: IPAddress
    let last: IPAddress
  }

  private(set) var ranges: [Range]

  /// What any of `blocks` contains.
  init(_ blocks: [IPBlock]) {
    ranges = Self.merged(blocks.flatMap(Self.ranges))
  }

  /// The block without its holes. An IPv6 block that spans the IPv4-mapped addresses (such as `::/0`) has one
  /// hole more, since the families are apart.
  private static func ranges(_ block: IPBlock) -> [Range] {
    var holes = block.except.map(range)
    if !block.cidr.network.isIPv4 { holes.append(ipv4Mapped) }
    let whole = range(block.cidr)
    var next: IPAddress? = whole.first
    var left: [Range] = []
    for hole in merged(holes) where hole.last >= whole.first && hole.first <= whole.last {
      if let first = next, first < hole.first, let before = hole.first.previous {
        left.append(Range(first: first, last: before))
      }
      next = hole.last.next
    }
    if let first = next, first <= whole.last { left.append(Range(first: first, last: whole.last)) }
    return left
  }

  /// Sorted, with what overlaps or touches joined.
  private static func merged(_ ranges: [Range]) -> [Range] {
    var result: [Range] = []
    for range in ranges.sorted(by: { $0.first < $1.first }) {
      guard let last = result.last, last.last.next.map({ range.first <= $0 }) ?? true else {
        result.append(range)
        continue
      }
      result[result.count - 1] = Range(first: last.first, last: max(last.last, range.last))
    }
    return result
  }

  private static func range(_ prefix: IPPrefix) -> Range {
    let bits = Int(prefix.bits)
    return Range(
      first: prefix.network,
      last: IPAddress(
        high: prefix.network.high | ~leadingOnes(bits),
        low: prefix.network.low | ~leadingOnes(bits - 64)
      )
    )
  }

  /// A word whose first `count` bits are set; none below 0, all from 64 on.
  private static func leadingOnes(_ count: Int) -> UInt64 {
    count <= 0 ? 0 : count >= 64 ? .max : ~(.max >> UInt64(count))
  }

  private static let ipv4Mapped = Range(first: IPAddress(v4: 0), last: IPAddress(v4: .max))
}

extension IPAddress {
  /// The address after this one; nil after the last.
  fileprivate var next: IPAddress? {
    let (low, carry) = low.addingReportingOverflow(1)
    guard carry else { return IPAddress(high: high, low: low) }
    let (high, end) = high.addingReportingOverflow(1)
    return end ? nil : IPAddress(high: high, low: low)
  }

  /// The address before this one; nil before the first.
  fileprivate var previous: IPAddress? {
    let (low, borrow) = low.subtractingReportingOverflow(1)
    guard borrow else { return IPAddress(high: high, low: low) }
    let (high, end) = high.subtractingReportingOverflow(1)
    return end ? nil : IPAddress(high: high, low: low)
  }
}
