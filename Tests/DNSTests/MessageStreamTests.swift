import DNS
import Testing

@Suite("DNS over TCP")
struct MessageStreamTests {
  @Test("gives messages as they become whole, in whatever pieces they come")
  func pieces() {
    let messages: [[UInt8]] = [[1, 2, 3], [], Array(repeating: 7, count: 300)]
    let bytes = messages.flatMap(MessageStream.framed)
    for size in [1, 2, 3, 7, 1_000] {
      var stream = MessageStream()
      var found: [[UInt8]] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        found += stream.take(Array(bytes[start..<min(start + size, bytes.count)]))
      }
      #expect(found == messages && stream.heldBytes == 0)
    }
  }

  @Test("gives no more than it is asked for, and the rest later")
  func limits() {
    var stream = MessageStream()
    #expect(stream.take(MessageStream.framed([1]) + MessageStream.framed([2]) + [0], limit: 1) == [[1]])
    #expect(stream.heldBytes == 4)
    #expect(stream.take() == [[2]] && stream.heldBytes == 1)
  }
}
