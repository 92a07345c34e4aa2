import Reactor
import Testing
import WeftTestKit

@Suite struct BufferPoolTests {
  @Test("The sum of what is kept is exact through any order of keeping and giving back", arguments: [1, 2] as [UInt64])
  func accounting(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var pool = BufferPool(limit: 100_000)
    var kept: [(buffer: UnsafeMutableRawBufferPointer, fill: UInt8)] = []
    for step in 0..<2000 {
      if kept.isEmpty || Bool.random(using: &random) {
        let fill = UInt8.random(in: 0...255, using: &random)
        let bytes = [UInt8](repeating: fill, count: Int.random(in: 1...5000, using: &random))
        kept.append((bytes.withUnsafeBytes { pool.keep($0) }, fill))
      } else {
        let leaving = kept.remove(at: Int.random(in: 0..<kept.count, using: &random))
        #expect(leaving.buffer.allSatisfy { $0 == leaving.fill }, "step \(step)")
        pool.giveBack(leaving.buffer)
      }
      let sum = kept.reduce(0) { $0 + $1.buffer.count }
      guard pool.outstanding == sum, pool.isOverLimit == (sum > 100_000) else {
        Issue.record("step \(step): \(pool.outstanding) bytes are counted, \(sum) are kept")
        break
      }
    }
    for (buffer, _) in kept { pool.giveBack(buffer) }
    #expect(pool.outstanding == 0)
  }

  @Test(
    "A buffer given back serves the next of its size, in whatever order they come",
    arguments: [1, 128, 129, 4096, 9000]
  )
  func reuse(size: Int) {
    var pool = BufferPool(limit: 100_000)
    let buffers = (0..<3).map { _ in pool.room(for: size) }
    let places = Set(buffers.compactMap(\.baseAddress))
    for buffer in buffers { pool.giveBack(buffer) }
    let again = (0..<3).map { _ in pool.room(for: size) }
    #expect(places.count == 3)
    #expect(Set(again.compactMap(\.baseAddress)) == places)
    for buffer in again { pool.giveBack(buffer) }
  }

  @Test("Exactly the limit is within it; one byte more is over")
  func limit() {
    var pool = BufferPool(limit: 3)
    let three = [1, 2, 3].withUnsafeBytes { pool.keep(UnsafeRawBufferPointer(rebasing: $0[..<3])) }
    #expect(pool.isOverLimit == false)
    let one = [4].withUnsafeBytes { pool.keep(UnsafeRawBufferPointer(rebasing: $0[..<1])) }
    #expect(pool.isOverLimit == true)
    pool.giveBack(three)
    pool.giveBack(one)
  }
}
