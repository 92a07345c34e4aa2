import HTTP1
import Testing

@Suite struct EndOfHeadTests {
  private func end(_ text: String, from start: Int = 0) -> Int? {
    Array(text.utf8).withUnsafeBytes { RequestHead.endOfHead(in: $0, from: start) }
  }

  @Test(
    "A head ends behind its first empty line, with or without CR",
    arguments: [
      ("", nil), ("GET / HTTP/1.1\r\n", nil), ("A: b\r\n\r\nC", 8), ("A: b\r\n\nC", 7), ("A: b\n\nC", 6),
      ("A: b\n\r\nC", 7),
      ("A: b\r\n\r", nil), ("A: b\r\n\rC\r\n\r\n", 12), ("\r\nA: b\r\n\r\n", 10), ("\r\n\r\n", 4), ("\r\r\n", nil),
    ]
  )
  func ends(text: String, expected: Int?) {
    #expect(end(text) == expected)
  }

  @Test("Looking only at what is new finds the same end, however the empty line was cut")
  func fromWhereItStopped() {
    for text in ["A: b\r\n\r\nC: d\r\n\r\n", "A: b\n\nC: d\r\n\r\n", "A: b\r\n\nC", "A: b\n\r\nC"] {
      let whole = end(text)
      for seen in 0...text.utf8.count {
        let before = end(String(text.unicodeScalars.prefix(seen).map(Character.init)))
        if before == nil { #expect(end(text, from: seen) == whole, "\(seen) of \(text.debugDescription)") }
      }
    }
  }

  @Test("A head of bare LFs is refused as soon as it ends, and not when time is up")
  func bareLines() {
    let text = "GET / HTTP/1.1\nHost: a\n\n"
    #expect(end(text) == text.utf8.count)
    withRequest(text) { outcome, _ in #expect(outcome == .refused(.bareLF)) }
  }

  @Test("No bytes are part of a head, and leave none of the last one behind")
  func nothing() {
    var head = RequestHead()
    Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8).withUnsafeBytes { #expect(head.parse($0) == .whole(length: 27)) }
    #expect(head.parse(UnsafeRawBufferPointer(start: nil, count: 0)) == .partial)
    #expect(head.bytes.isEmpty)
    #expect(RequestHead.endOfHead(in: UnsafeRawBufferPointer(start: nil, count: 0), from: 0) == nil)
    #expect(ResponseHead.endOfHead(in: UnsafeRawBufferPointer(start: nil, count: 0), from: 0) == nil)
  }
}
