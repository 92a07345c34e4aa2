/// Which endpoints a choice may fall on, and how one is drawn: each as likely as its weight.
@usableFromInline
struct Candidates: BitwiseCopyable {
  /// Draws before the whole table is looked at. With half of the endpoints out, 1 choice in 256 comes to that.
  @inlinable static var draws: Int { 8 }

  /// The ones left out, in ascending order; `none` where there is no such.
  @usableFromInline var lower: Int = Candidates.none
  @usableFromInline var higher: Int = Candidates.none
  /// Whether those that are not available count too.
  @usableFromInline let evenUnavailable: Bool

  @inlinable static var none: Int { .max }

  @inlinable
  init(evenUnavailable: Bool = false) { self.evenUnavailable = evenUnavailable }

  @inlinable
  init(without index: Int) {
    evenUnavailable = false
    if index >= 0 { lower = index }
  }

  /// The same but for `index`.
  @inlinable
  func without(_ index: Int) -> Candidates {
    var rest = self
    rest.higher = max(lower, index)
    rest.lower = min(lower, index)
    return rest
  }

  /// Whether the choice may fall on `index`.
  @inlinable
  func include<Table: LoadTable & ~Copyable>(_ index: Int, of table: borrowing Table) -> Bool {
    index != lower && index != higher && table.weight(index) > 0 && (evenUnavailable || table.isAvailable(index))
  }

  /// One candidate; nil where there is none.
  @inlinable
  func draw<Table: LoadTable & ~Copyable>(from table: borrowing Table, _ random: inout FastRandom) -> Int? {
    let count = table.count
    // Numbers are drawn for those not left out and moved past the gaps, so that no draw is wasted on them.
    let drawable = UInt32(clamping: count - (lower < count ? 1 : 0) - (higher < count ? 1 : 0))
    guard drawable > 0 else { return nil }
    let largest = table.maximumWeight
    for _ in 0..<Self.draws {
      var index = Int(random.below(drawable))
      if index >= lower { index += 1 }
      if index >= higher { index += 1 }
      guard include(index, of: table) else { continue }
      if largest <= 1 || random.below(largest) < table.weight(index) { return index }
    }
    return search(table, &random)
  }

  /// Two candidates to compare: the same one twice where there is no other, or with unequal weights by chance.
  ///
  /// A repeated draw is what makes weights count where there are two endpoints: at equal cost each gets its share `w`
  /// of the whole, and never more than `w × (2 - w)`, however cheap it is.
  @inlinable
  func drawTwo<Table: LoadTable & ~Copyable>(
    from table: borrowing Table,
    _ random: inout FastRandom
  ) -> (Int, Int)? {
    guard let one = draw(from: table, &random) else { return nil }
    let rest = table.maximumWeight <= 1 ? without(one) : self
    return (one, rest.draw(from: table, &random) ?? one)
  }

  /// The same by two passes over the table, for when most of it is out or has little weight.
  @inlinable
  func search<Table: LoadTable & ~Copyable>(_ table: borrowing Table, _ random: inout FastRandom) -> Int? {
    let areEqual = table.maximumWeight <= 1
    var total: UInt64 = 0
    for index in 0..<table.count where include(index, of: table) {
      total &+= areEqual ? 1 : UInt64(table.weight(index))
    }
    guard total > 0 else { return nil }
    var remaining = random.below(wide: total)
    for index in 0..<table.count where include(index, of: table) {
      let weight = areEqual ? 1 : UInt64(table.weight(index))
      if remaining < weight { return index }
      remaining &-= weight
    }
    return nil
  }
}
