internal import Glibc
internal import HTTP1

/// What one header field, query parameter or unusual method must be, as offsets into the bytes of a `MatchList`.
struct MatchCondition: BitwiseCopyable {
  /// What is compared, and how.
  enum Kind: UInt8 {
    /// `value` is a method that HTTP1 has no case for.
    case method
    case headerIs, headerMatches
    case queryIs, queryMatches
  }

  let kind: Kind
  /// Header names are in lower case.
  let name: Slice
  /// The bytes wanted, or a pattern's index as `start`.
  let value: Slice

  /// A part of the list's bytes.
  struct Slice: BitwiseCopyable {
    let start: UInt32
    let count: UInt32

    @inline(__always)
    func of(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(rebasing: bytes[Int(start)..<Int(start &+ count)])
    }
  }
}

extension MatchList {
  /// Whether every condition of `range` holds of a request.
  func holds(_ range: Range<Int>, _ head: borrowing RequestHead, _ scratch: PatternScratch) -> Bool {
    bytes.withUnsafeBytes { holds(range, head, $0, scratch) }
  }

  /// Whether every condition of `range` holds of a request. Header fields are those that are forwarded: one that the
  /// parser dropped, such as what Connection names, is not there.
  @inline(__always)
  func holds(
    _ range: Range<Int>,
    _ head: borrowing RequestHead,
    _ bytes: UnsafeRawBufferPointer,
    _ scratch: PatternScratch
  ) -> Bool {
    for index in range {
      let condition = conditions[index]
      let holds =
        switch condition.kind {
        case .method: Self.isEqual(head[head.methodRange], condition.value.of(bytes))
        case .headerIs, .headerMatches: header(condition, head, bytes, scratch)
        case .queryIs, .queryMatches: query(condition, head[head.query], bytes, scratch)
        }
      guard holds else { return false }
    }
    return true
  }

  /// A field that occurs several times has the values joined by commas (RFC 9110 section 5.3), as in Envoy.
  private func header(
    _ condition: MatchCondition,
    _ head: borrowing RequestHead,
    _ bytes: UnsafeRawBufferPointer,
    _ scratch: PatternScratch
  ) -> Bool {
    let name = condition.name.of(bytes)
    guard let first = head.fields.firstIndex(named: name) else { return false }
    guard head.fields.firstIndex(named: name, from: first + 1) == nil else {
      return joinedHeader(condition, head, bytes, scratch, first)
    }
    let value = head.fields.value(at: first)
    return condition.kind == .headerIs
      ? Self.isEqual(value, condition.value.of(bytes))
      : patterns[Int(condition.value.start)].match(value, scratch) == .matches
  }

  /// Rare, so it may copy: into the stack where that has room, which it has for all but hostile heads.
  private func joinedHeader(
    _ condition: MatchCondition,
    _ head: borrowing RequestHead,
    _ bytes: UnsafeRawBufferPointer,
    _ scratch: PatternScratch,
    _ first: Int
  ) -> Bool {
    let name = condition.name.of(bytes)
    var count = 0
    var index: Int? = first
    while let field = index {
      count += head.fields.value(at: field).count + 1
      index = head.fields.firstIndex(named: name, from: field + 1)
    }
    return withUnsafeTemporaryAllocation(byteCount: count, alignment: 1) { joined in
      var at = 0
      var index: Int? = first
      while let field = index {
        let value = head.fields.value(at: field)
        UnsafeMutableRawBufferPointer(rebasing: joined[at...]).copyMemory(from: value)
        at += value.count
        joined[at] = UInt8(ascii: ",")
        at += 1
        index = head.fields.firstIndex(named: name, from: field + 1)
      }
      let value = UnsafeRawBufferPointer(rebasing: joined[..<(at - 1)])
      return condition.kind == .headerIs
        ? Self.isEqual(value, condition.value.of(bytes))
        : patterns[Int(condition.value.start)].match(value, scratch) == .matches
    }
  }

  /// The first parameter of the name counts. Names and values are compared as they were sent, escapes and all, as in
  /// Envoy: what is decoded here and not by the upstream could be read in two ways.
  private func query(
    _ condition: MatchCondition,
    _ query: UnsafeRawBufferPointer,
    _ bytes: UnsafeRawBufferPointer,
    _ scratch: PatternScratch
  ) -> Bool {
    let name = condition.name.of(bytes)
    var start = 0
    while start < query.count {
      var end = start
      while end < query.count, query[end] != UInt8(ascii: "&") { end &+= 1 }
      var equals = start
      while equals < end, query[equals] != UInt8(ascii: "=") { equals &+= 1 }
      if Self.isEqual(UnsafeRawBufferPointer(rebasing: query[start..<equals]), name) {
        let value = UnsafeRawBufferPointer(rebasing: query[min(equals &+ 1, end)..<end])
        return condition.kind == .queryIs
          ? Self.isEqual(value, condition.value.of(bytes))
          : patterns[Int(condition.value.start)].match(value, scratch) == .matches
      }
      start = end &+ 1
    }
    return false
  }

  /// Byte for byte.
  @inline(__always)
  static func isEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    guard left.count == right.count else { return false }
    guard let first = left.baseAddress, let second = right.baseAddress else { return true }
    return memcmp(first, second, left.count) == 0
  }
}
