internal import HTTP1

/// Conditions on fields of the head. A name may occur several times, and programs differ on which occurrence counts, so
/// a rule that allows asks for what is certain and one that denies for what is possible (CVE-2026-26308):
///
/// | list        | ALLOW holds where                                | DENY and AUDIT hold where                          |
/// |-------------|--------------------------------------------------|----------------------------------------------------|
/// | `values`    | there is an occurrence, and every one matches    | some occurrence matches, or all joined by commas   |
/// | `notValues` | no occurrence matches, nor all joined by commas  | none is there, or some occurrence does not match   |
///
/// What is certain are the fields that travel on. What is possible are all that came: one that is dropped before the
/// program may have been meant for somebody on the way.
extension CompiledRules {
  /// What the occurrences of a name say to a list of patterns.
  private struct Tally {
    var forwarded = 0
    var forwardedMatching = 0
    var isAnyMatching = false
    var count = 0
  }

  /// Whether a condition on a header field holds, by the table above; `isStrict` where it is of a rule that allows.
  func holdsForFields(_ check: Check, _ isStrict: Bool, _ head: borrowing RequestHead) -> Bool {
    store.withUnsafeBytes { store in
      let slice = names[Int(check.name)]
      let name = UnsafeRawBufferPointer(rebasing: store[slice.indices])
      let tally = tally(name, check.entries, head, store)
      let isCertain = tally.forwarded > 0 && tally.forwardedMatching == tally.forwarded
      let isPossible =
        tally.isAnyMatching || (tally.count > 1 && matchesJoined(name, check.entries, head, store))
      return check.isNegated ? !(isStrict ? isPossible : isCertain) : (isStrict ? isCertain : isPossible)
    }
  }

  private func tally(
    _ name: UnsafeRawBufferPointer,
    _ entries: Slice,
    _ head: borrowing RequestHead,
    _ store: UnsafeRawBufferPointer
  ) -> Tally {
    var tally = Tally()
    var next = head.fields.firstIndex(named: name, includingDropped: true)
    while let index = next {
      let field = head.fields[index]
      let isMatching = matchesField(entries, head.fields.value(at: index), store)
      tally.count += 1
      if isMatching { tally.isAnyMatching = true }
      if field.isKept || field.known.isRewritten {
        tally.forwarded += 1
        if isMatching { tally.forwardedMatching += 1 }
      }
      next = head.fields.firstIndex(named: name, from: index + 1, includingDropped: true)
    }
    return tally
  }

  /// As for other texts, but a field is present though its value is empty.
  private func matchesField(
    _ entries: Slice,
    _ value: UnsafeRawBufferPointer,
    _ store: UnsafeRawBufferPointer
  ) -> Bool {
    for index in entries.indices
    where patterns[index].kind == .present || patterns[index].matches(value, store) { return true }
    return false
  }

  /// Whether the values joined as RFC 9110 section 5.3 lets anybody join them match: with a comma, or a comma and a space.
  private func matchesJoined(
    _ name: UnsafeRawBufferPointer,
    _ entries: Slice,
    _ head: borrowing RequestHead,
    _ store: UnsafeRawBufferPointer
  ) -> Bool {
    for index in entries.indices {
      for gap in 1...2 where matchesJoined(patterns[index], name, gap: gap, head, store) { return true }
    }
    return false
  }

  private func matchesJoined(
    _ pattern: TextPattern,
    _ name: UnsafeRawBufferPointer,
    gap: Int,
    _ head: borrowing RequestHead,
    _ store: UnsafeRawBufferPointer
  ) -> Bool {
    var length = -gap
    var next = head.fields.firstIndex(named: name, includingDropped: true)
    while let index = next {
      length += gap + head.fields.value(at: index).count
      next = head.fields.firstIndex(named: name, from: index + 1, includingDropped: true)
    }
    guard let first = pattern.window(of: length) else { return false }
    var walk = PatternWalk(pattern, from: first, store)
    next = head.fields.firstIndex(named: name, includingDropped: true)
    while let index = next, walk.isMatching {
      for byte in head.fields.value(at: index) { walk.take(byte) }
      next = head.fields.firstIndex(named: name, from: index + 1, includingDropped: true)
      if next != nil {
        walk.take(UInt8(ascii: ","))
        if gap == 2 { walk.take(UInt8(ascii: " ")) }
      }
    }
    return walk.isMatching
  }
}

/// A pattern held against a text that comes byte by byte.
private struct PatternWalk {
  private let wanted: UnsafeRawBufferPointer
  private let first: Int
  private var position = 0
  private(set) var isMatching = true

  /// The pattern's bytes stand from `first` on.
  init(_ pattern: TextPattern, from first: Int, _ store: UnsafeRawBufferPointer) {
    let start = Int(pattern.start)
    wanted = UnsafeRawBufferPointer(rebasing: store[start..<start + Int(pattern.count)])
    self.first = first
  }

  /// The next byte of the text, of which only those at the pattern's place count.
  mutating func take(_ byte: UInt8) {
    let place = position - first
    position += 1
    if wanted.indices.contains(place), wanted[place] != byte { isMatching = false }
  }
}

extension FieldName {
  /// Whether the parser drops the field because the proxy writes it anew: what it says is meant for the next hop all the
  /// same, so it counts as travelling on.
  var isRewritten: Bool {
    switch self {
    case .connection, .contentLength, .transferEncoding, .te, .trailer, .upgrade: true
    default: false
    }
  }
}
