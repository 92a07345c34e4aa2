import Testing
import WeftTestKit

@testable import HTTP2

@Suite struct ByteQueueTests {
  @Test("Bytes come out in the order they came in, whatever the pieces", arguments: 0..<50)
  func order(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var queue = ByteQueue()
    var (expected, seen): ([UInt8], [UInt8]) = ([], [])
    for _ in 0..<200 {
      if Bool.random(using: &random) {
        let more = (0..<Int.random(in: 0...50, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        more.withUnsafeBytes { queue.append($0) }
        expected += more
      } else {
        var buffer = [UInt8](repeating: 0, count: Int.random(in: 0...60, using: &random))
        let count = buffer.withUnsafeMutableBytes { queue.move(to: $0) }
        seen += buffer[..<count]
      }
      #expect(queue.count == expected.count - seen.count)
    }
    #expect(expected.starts(with: seen))
  }
}
