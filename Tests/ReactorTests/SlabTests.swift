@testable import Reactor
import Synchronization
import Testing
import WeftTestKit

@Suite struct SlabTests {
  /// Counts how often each number's owner ended.
  final class Register: Sendable {
    private let ends = Mutex<[Int: Int]>([:])
    func noteEnd(_ number: Int) { ends.withLock { $0[number, default: 0] += 1 } }
    func ends(of number: Int) -> Int { ends.withLock { $0[number, default: 0] } }
    var total: Int { ends.withLock { $0.values.reduce(0, +) } }
  }

  /// Cannot be copied, and says when its life ends.
  struct Tenant: ~Copyable {
    let number: Int
    let register: Register
    init(_ number: Int, _ register: Register) {
      self.number = number
      self.register = register
    }
    deinit { register.noteEnd(number) }
  }

  @Test("A value stays where it is while others come and go, and ends exactly once", arguments: [1, 2, 3] as [UInt64])
  func everyoneEndsOnce(seed: UInt64) {
    let register = Register()
    var next = 0
    #expect(fill(register, seed, &next) == nil)
    for number in 0..<next where register.ends(of: number) != 1 {
      Issue.record("tenant \(number) of \(next) ended \(register.ends(of: number)) times")
      return
    }
  }

  /// Many random inserts and removals; the slab's own end is that of the function. Returns what went wrong first.
  private func fill(_ register: Register, _ seed: UInt64, _ next: inout Int) -> String? {
    var random = SplitMix64(seed: seed)
    var slab = Slab<Tenant>(capacity: 300)
    var present: [(slot: Slot, number: Int, address: UnsafeMutablePointer<Tenant>)] = []
    var gone: [Slot] = []
    for step in 0..<10_000 {
      if !slab.isFull, Int.random(in: 0..<100, using: &random) < 55 {
        let slot = slab.insert(Tenant(next, register))
        guard let address = slab.pointer(slot) else { return "step \(step): nobody at the new slot" }
        present.append((slot, next, address))
        next += 1
      } else if !present.isEmpty {
        let leaving = present.remove(at: Int.random(in: 0..<present.count, using: &random))
        slab.remove(leaving.slot)
        guard register.ends(of: leaving.number) == 1 else { return "step \(step): it lives on" }
        slab.remove(leaving.slot)
        gone.append(leaving.slot)
      }
      guard slab.count == present.count else { return "step \(step): \(slab.count) are counted" }
      if let one = present.randomElement(using: &random) {
        guard slab.pointer(one.slot) == one.address, one.address.pointee.number == one.number,
          slab.tenant(one.slot.index) == one.slot
        else { return "step \(step): \(one.slot) is not where it was" }
      }
      if let stale = gone.randomElement(using: &random), slab.contains(stale) || slab.pointer(stale) != nil {
        return "step \(step): \(stale) is stale and answers"
      }
    }
    if register.total != next - present.count { return "\(register.total) have ended, not \(next - present.count)" }
    return Set(present.map(\.slot.index)).count == present.count ? nil : "two share a place"
  }

  @Test("It takes as many as its capacity, wherever that lies between two chunks, and again after a removal")
  func capacity() {
    for capacity in [1, 63, 64, 65, 130] {
      var slab = Slab<Int>(capacity: capacity)
      var slots: [Slot] = []
      while !slab.isFull, slots.count <= capacity { slots.append(slab.insert(slots.count)) }
      #expect(slots.count == capacity)
      slab.remove(slots[capacity / 2])
      #expect(slab.isFull == false)
      let again = slab.insert(-1)
      #expect(again.index == slots[capacity / 2].index, "the place last freed is used first")
      #expect(slab.isFull == true)
    }
    let empty = Slab<Int>(capacity: 0)
    #expect(empty.isFull == true)
  }

  @Test("A place's tenants are told apart, also where their count wraps after 2^24 generations")
  func generationsWrap() {
    var slab = Slab<Int>(capacity: 1)
    let first = slab.insert(0)
    slab.remove(first)
    // White box: as if eight million others had lived here.
    slab.place(first.index).pointee.generation = 0xff_fffc
    let before = slab.insert(1)
    slab.remove(before)
    let last = slab.insert(2)
    #expect(last.generation == 0xff_ffff)
    slab.remove(last)
    let wrapped = slab.insert(3)
    #expect(wrapped.generation == 1)
    #expect([before, last].allSatisfy { !slab.contains($0) })
    #expect(slab.pointer(wrapped)?.pointee == 3)
    #expect(Token(Token.Kind(9), slot: last).slot == last, "a token keeps the whole generation")
  }

  @Test("Slots that were never given out find nobody")
  func strangers() {
    var slab = Slab<Int>(capacity: 10)
    #expect(slab.contains(Slot(index: 0, generation: 1)) == false)
    #expect(slab.tenant(0) == nil)
    let slot = slab.insert(5)
    for stranger in [
      Slot(index: slot.index, generation: slot.generation &+ 1), Slot(index: slot.index, generation: 0),
      Slot(index: slot.index + 1, generation: 0), Slot(index: slot.index + 1, generation: 1),
      Slot(index: 64, generation: 1), Slot(index: .max, generation: 1),
    ] {
      #expect(slab.contains(stranger) == false)
      slab.remove(stranger)
    }
    #expect(slab.count == 1)
    #expect(slab.tenant(63) == nil)
    #expect(slab.tenant(.max) == nil)
    let stranger = Slot(index: 1, generation: 0)
    #expect(slab.pointer(stranger) == nil)
  }
}
