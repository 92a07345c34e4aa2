import Glibc
import Kernel
import Reactor
import Synchronization
import Testing

@Suite struct RingTests {
  @Test("A full ring refuses until its consumer has taken one, and gives elements in their order")
  func fullRefuses() {
    let ring = Ring<Int>(capacity: 5)  // eight places
    #expect(ring.pop() == nil)
    for round in 0..<3 {
      let taken = (0..<20).filter { ring.push(round * 100 + $0) }
      #expect(taken == Array(0..<8))
      #expect(ring.count == 8)
      #expect(ring.pop() == round * 100)
      #expect(ring.push(round * 100 + 8) == true)
      #expect(ring.push(-1) == false)
      #expect((0..<20).compactMap { _ in ring.pop() } == (1...8).map { round * 100 + $0 })
      #expect(ring.count == 0)
    }
  }

  @Test("Half full is said only once the consumer is more than half a ring behind")
  func halfFull() {
    let ring = Ring<UInt8>(capacity: 8)
    let said = (0..<8).map { number in
      _ = ring.push(UInt8(number))
      return ring.isHalfFull
    }
    #expect(said == [false, false, false, true, true, true, true, true])
  }

  @Test("Two threads keep the order and lose nothing, however often the ring is full or empty")
  func twoThreads() throws {
    let ring = Ring<SIMD4<UInt64>>(capacity: 64)
    let total: UInt64 = 200_000
    let producer = try Thread("ring-producer") {
      for number in 0..<total {
        let element = SIMD4(number, ~number, number &* 3, number ^ 0xabcd)
        while !ring.push(element) { sched_yield() }
      }
    }
    var expected: UInt64 = 0
    var wrong: SIMD4<UInt64>?
    while expected < total {
      guard let element = ring.pop() else {
        sched_yield()
        continue
      }
      if element != SIMD4(expected, ~expected, expected &* 3, expected ^ 0xabcd), wrong == nil { wrong = element }
      expected += 1
    }
    producer.join()
    #expect(wrong == nil, "the first that was torn or out of order")
    #expect(ring.pop() == nil)
  }
}
