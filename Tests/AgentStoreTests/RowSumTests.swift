import Testing
import WeftTestKit

@testable import AgentStore

@Suite("The sum of a row")
struct RowSumTests {
  @Test("differs wherever one bit, the length, or the border between two values does")
  func differences() {
    var random = SplitMix64(seed: 1)
    for count in 0..<40 {
      let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      var sums: Set<Int64> = [RowSum(1, bytes).value, RowSum(2, bytes).value, RowSum(1, bytes + [0]).value]
      var expected = 3
      for index in bytes.indices {
        for bit in 0..<8 {
          var other = bytes
          other[index] ^= 1 << UInt8(bit)
          sums.insert(RowSum(1, other).value)
          expected += 1
        }
      }
      for border in 0...count {
        sums.insert(RowSum(1, Array(bytes[..<border]), Array(bytes[border...])).value)
        expected += 1
      }
      #expect(sums.count == expected, "\(count) bytes")
    }
  }

  @Test("stays what it is from version to version")
  func stable() {
    let sums = [RowSum(0, []), RowSum(7, [1, 2, 3], [4]), RowSum(-1, Array("an agent's record".utf8))].map(\.value)
    #expect(sums == [-4_384_461_493_324_554_152, 8_706_836_117_775_053_020, -5_671_650_054_524_202_869])
  }
}
