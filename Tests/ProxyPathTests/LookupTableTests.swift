@testable import ProxyPath
import Testing
import WeftTestKit

@Suite struct LookupTableTests {
  /// A table in a reference: what cannot be copied cannot stand in an expectation.
  private final class Table {
    private var table = LookupTable()
    var count: Int { table.count }

    func standing(of lookup: LookupFingerprint, now_ns: UInt64) -> LookupTable.Standing {
      table.standing(of: lookup, now_ns: now_ns)
    }
    func ask(_ lookup: LookupFingerprint, until_ns: UInt64, now_ns: UInt64) -> Bool {
      table.ask(lookup, until_ns: until_ns, now_ns: now_ns)
    }
    func settle(_ lookup: LookupFingerprint, now_ns: UInt64) { table.settle(lookup, now_ns: now_ns) }
    func forget(_ lookup: LookupFingerprint) { table.forget(lookup) }
    func forgetUnanswered() { table.forgetUnanswered() }
  }

  private func lookup(_ number: UInt64) -> LookupFingerprint { LookupFingerprint(high: ~number, low: number) }

  @Test("A key is unasked, then waited for until its time is over or the answer is here, and settled from then on")
  func life() {
    let table = Table()
    #expect(table.standing(of: lookup(1), now_ns: 0) == .unasked)
    #expect(table.ask(lookup(1), until_ns: 10, now_ns: 0))
    #expect(table.ask(lookup(2), until_ns: 10, now_ns: 0))
    #expect(table.standing(of: lookup(1), now_ns: 9) == .waiting(until_ns: 10))
    table.settle(lookup(1), now_ns: 9)
    #expect(table.standing(of: lookup(1), now_ns: 9) == .settled)
    #expect(table.standing(of: lookup(2), now_ns: 9) == .waiting(until_ns: 10))
    #expect(table.standing(of: lookup(2), now_ns: 10) == .settled)
    #expect(table.count == 2)
    table.forget(lookup(1))
    table.forget(lookup(3))
    #expect(table.standing(of: lookup(1), now_ns: 9) == .unasked)
    #expect(table.count == 1)
  }

  @Test("What another worker asked is settled here too; without an agent only what was answered stays")
  func answers() {
    let table = Table()
    table.settle(lookup(1), now_ns: 0)
    #expect(table.ask(lookup(2), until_ns: 10, now_ns: 0))
    table.forgetUnanswered()
    #expect(table.standing(of: lookup(1), now_ns: 0) == .settled)
    #expect(table.standing(of: lookup(2), now_ns: 0) == .unasked)
    #expect(table.count == 1)
  }

  @Test("It never holds more than its bound, and what is used stays while what was used once goes")
  func eviction() {
    let table = Table()
    var random = SplitMix64(seed: 5)
    let used = (0..<64).map { _ in lookup(random.next()) }
    for key in used { table.settle(key, now_ns: 0) }
    var kept = used.count
    for round in 0..<200 {
      for _ in 0..<100 { table.settle(lookup(random.next()), now_ns: 0) }
      #expect(table.count <= LookupLimit.remembered)
      // Asked for between any two that come to its set: some 100 of 256 sets a round.
      let standing = used.filter { table.standing(of: $0, now_ns: 0) == .settled }.count
      if round == 199 { kept = standing }
    }
    #expect(table.count == LookupLimit.remembered)
    #expect(kept > used.count / 2, "\(kept) of \(used.count) are left")
  }

  @Test("What is waited for never goes: a set that is full of it has no place for another until its time is over")
  func pinned() {
    let table = Table()
    // All of one set: their low halves are equal modulo the number of sets.
    let keys = (0...UInt64(LookupLimit.ways)).map { lookup($0 * UInt64(LookupLimit.remembered)) }
    for key in keys.dropLast() { #expect(table.ask(key, until_ns: 10, now_ns: 0)) }
    #expect(table.ask(keys[LookupLimit.ways], until_ns: 10, now_ns: 5) == false)
    for key in keys.dropLast() { #expect(table.standing(of: key, now_ns: 5) == .waiting(until_ns: 10)) }
    #expect(table.ask(keys[LookupLimit.ways], until_ns: 20, now_ns: 10))
    #expect(table.count == LookupLimit.ways)
  }
}
