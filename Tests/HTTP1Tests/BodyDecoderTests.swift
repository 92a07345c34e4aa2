import HTTP1
import Testing
import WeftTestKit

@Suite struct BodyDecoderTests {
  private let memory = GuardedBytes(room: 64 << 10)

  private func read(_ framing: RequestFraming, _ text: String) -> BodyReader {
    let bytes = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    return BodyReader(BodyDecoder(framing), [bytes[...]], in: memory)
  }

  @Test("A message without body is over at once, and what follows belongs to the next")
  func none() {
    #expect(BodyDecoder(RequestFraming.none).isFinished && BodyDecoder(RequestFraming.length(0)).isFinished)
    #expect(BodyDecoder(ResponseFraming.none).isFinished && BodyDecoder(ResponseFraming.length(0)).isFinished)
    let body = read(.none, "GET /")
    #expect(body.end == .finished && body.consumed == 0 && body.data.isEmpty)
  }

  @Test("A counted body takes its bytes and no more")
  func counted() {
    let body = read(.length(3), "abcGET /")
    #expect(body.end == .finished && body.consumed == 3 && body.data == Array("abc".utf8))
    #expect(read(.length(9), "abc").end == .open)
    #expect(BodyDecoder(RequestFraming.length(1)).isFinished == false)
  }

  @Test("A body until the connection's end, and a tunnel, take everything and never end by themselves")
  func unbounded() {
    for framing in [ResponseFraming.untilClose, .tunnel] {
      let decoder = BodyDecoder(framing)
      #expect(decoder.endsWithConnection && !decoder.isFinished)
      let body = BodyReader(decoder, [Array("abc".utf8)[...], Array("0\r\n\r\n".utf8)[...]], in: memory)
      #expect(body.end == .open && body.data == Array("abc0\r\n\r\n".utf8) && body.consumed == 8)
    }
    #expect(BodyDecoder(ResponseFraming.chunked).endsWithConnection == false)
  }

  @Test("Nothing is asked for more")
  func empty() {
    for framing in [RequestFraming.length(1), .chunked] {
      var decoder = BodyDecoder(framing)
      #expect(decoder.next(UnsafeRawBufferPointer(start: nil, count: 0)) == .needsMore(consumed: 0))
    }
  }

  @Test(
    "Chunks give their data and the trailer section, up to the end",
    arguments: [
      ("3\r\nabc\r\n0\r\n\r\n", "abc", "\r\n"), ("0\r\n\r\n", "", "\r\n"),
      ("1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "abc", "\r\n"), ("0003\r\nabc\r\n0000\r\n\r\n", "abc", "\r\n"),
      ("A\r\n0123456789\r\n0\r\nB: c\r\n\r\n", "0123456789", "B: c\r\n\r\n"),
      ("a\r\n0123456789\r\n0\r\nB: c\r\nD:\r\n\r\n", "0123456789", "B: c\r\nD:\r\n\r\n"),
      ("3;a\r\nabc\r\n0;b=c;d=\"e f\"\r\n\r\n", "abc", "\r\n"), ("3 \t;a = b\t\r\nabc\r\n0\r\n\r\n", "abc", "\r\n"),
      ("3;\u{e4}\r\nabc\r\n0\r\n\r\n", "abc", "\r\n"), ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n", "\r\n"),
    ]
  )
  func chunks(text: String, data: String, trailers: String) {
    let body = read(.chunked, text + "GET /")
    #expect(body.end == .finished && body.consumed == text.unicodeScalars.count)
    #expect(body.data == Array(data.utf8) && body.trailers == Array(trailers.utf8))
  }

  /// Chunked bodies that are refused.
  static let faults: [AmbiguousBody] = [
    .init("no size", .malformedChunkSize, "\r\nabc\r\n0\r\n\r\n"),
    .init("extension without size", .malformedChunkSize, ";a\r\nabc\r\n"),
    .init("size with a prefix", .malformedChunkSize, "0x3\r\nabc\r\n"),
    .init("size with a sign", .malformedChunkSize, "+3\r\nabc\r\n"),
    .init("size below zero", .malformedChunkSize, "-3\r\nabc\r\n"),
    .init("space before the size", .malformedChunkSize, " 3\r\nabc\r\n"),
    .init("space behind the size", .malformedChunkSize, "3 \r\nabc\r\n"),
    .init("tab behind the size", .malformedChunkSize, "3\t\r\nabc\r\n"),
    .init("size with an underscore", .malformedChunkSize, "1_0\r\nabc\r\n"),
    .init("size that is no number", .malformedChunkSize, "g\r\nabc\r\n"),
    .init("NUL behind the size", .malformedChunkSize, "3\0\r\nabc\r\n"),
    .init("size of 17 digits", .chunkSizeTooLarge, "00000000000000003\r\nabc\r\n"),
    .init("size of 2^63", .chunkSizeTooLarge, "8000000000000000\r\nabc\r\n"),
    .init("size of 2^64 and 3", .chunkSizeTooLarge, "10000000000000003\r\nabc\r\n"),
    .init("size line ends in LF alone", .malformedChunkLine, "3\nabc\r\n0\r\n\r\n"),
    .init("size line ends in CR alone", .malformedChunkLine, "3\rabc\r\n0\r\n\r\n"),
    .init("extension ends in LF alone", .malformedChunkLine, "3;a\nabc\r\n0\r\n\r\n"),
    .init("extension that hides a LF", .malformedChunkLine, "2;\nxx\r\n4c\r\n0\r\n\r\n"),
    .init("extension ends in CR alone", .malformedChunkLine, "3;a\rb\r\nabc\r\n"),
    .init("extension with NUL", .malformedChunkLine, "3;a\0b\r\nabc\r\n"),
    .init("blank and LF", .malformedChunkLine, "3 \nabc\r\n"),
    .init("data without CRLF", .malformedChunkEnd, "3\r\nabc0\r\n\r\n"),
    .init("data longer than said", .malformedChunkEnd, "3\r\nabcd\r\n0\r\n\r\n"),
    .init("data that ends in LF alone", .malformedChunkEnd, "3\r\nabc\n0\r\n\r\n"),
    .init("data that ends in CR alone", .malformedChunkEnd, "3\r\nabc\r0\r\n\r\n"),
    .init("data that ends in two CRs", .malformedChunkEnd, "3\r\nabc\r\r\n0\r\n\r\n"),
    .init("trailers end in LF alone", .malformedTrailers, "0\r\n\n"),
    .init("trailer ends in LF alone", .malformedTrailers, "0\r\nA: b\n\r\n"),
    .init("trailer without colon", .malformedTrailers, "0\r\nA\r\n\r\n"),
    .init("the next request for trailers", .malformedTrailers, "0\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init("folded trailer", .malformedTrailers, "0\r\nA: b\r\n c\r\n\r\n"),
    .init("trailer with NUL", .malformedTrailers, "0\r\nA: b\0\r\n\r\n"),
    .init("trailer that imitates an identity", .malformedTrailers, "0\r\nx_forwarded_for: a\r\n\r\n"),
    .init("33 trailers", .trailersTooLarge, "0\r\n\(String(repeating: "A: b\r\n", count: 33))\r\n"),
    .init("trailers of 8 KiB and more", .trailersTooLarge, "0\r\nA: \(String(repeating: "b", count: 8190))\r\n\r\n"),
    .init("extension of 4097 bytes", .chunkExtensionsTooLarge, "3;\(String(repeating: "a", count: 4096))\r\nabc\r\n"),
    .init("blanks of 4097 bytes", .chunkExtensionsTooLarge, "3\(String(repeating: " ", count: 4097));\r\nabc\r\n"),
    .init(
      "extensions that sum up to 4097 bytes",
      .chunkExtensionsTooLarge,
      String(repeating: "1;\(String(repeating: "a", count: 240))\r\nx\r\n", count: 17) + "0\r\n\r\n"
    ),
  ]

  @Test("Chunks that are not as they should be are refused", arguments: faults)
  func refused(body: AmbiguousBody) {
    #expect(read(.chunked, body.text).end == .malformed(body.fault))
  }

  @Test("Every fault is produced by one of them")
  func complete() {
    #expect(Set(Self.faults.map(\.fault)) == Set(BodyFault.allCases))
  }

  @Test("The most that is allowed of extensions and trailers is taken")
  func most() {
    let line = ";\(String(repeating: "a", count: BodyLimit.extensionBytes / 2 - 1))\r\n"
    let trailers = String(repeating: "A: b\r\n", count: BodyLimit.trailerFields)
    #expect(read(.chunked, "3\(line)abc\r\n0\(line)\(trailers)\r\n").end == .finished)
    let value = String(repeating: "b", count: BodyLimit.trailerBytes - 7)
    #expect(read(.chunked, "0\r\nA: \(value)\r\n\r\n").end == .finished)
    #expect(read(.chunked, "0\r\nA: b\(value)\r\n\r\n").end == .malformed(.trailersTooLarge))
  }

  @Test("What is held back is bounded by the limits on lines and trailers, and nothing of the data is")
  func held() {
    func held(_ text: String, _ fill: String, count: Int) -> BodyReader {
      let bytes = Array((text + String(repeating: fill, count: count)).utf8)
      return BodyReader(BodyDecoder(RequestFraming.chunked), bytes.indices.map { bytes[$0...$0] }, in: memory)
    }
    #expect(held("3;", "a", count: 4000).mostHeld == 4002)
    #expect(held("3;", "a", count: 5000).end == .malformed(.chunkExtensionsTooLarge))
    let trailers = held("0\r\nA: ", "b", count: BodyLimit.heldBytes)
    #expect(trailers.mostHeld == BodyLimit.heldBytes - 1 && trailers.end == .malformed(.trailersTooLarge))
    #expect(held("5000\r\n", "x", count: 4000).mostHeld < 6)
  }
}

/// A chunked body that is refused.
struct AmbiguousBody: CustomTestStringConvertible {
  let name: String
  let fault: BodyFault
  let text: String

  init(_ name: String, _ fault: BodyFault, _ text: String) {
    self.name = name
    self.fault = fault
    self.text = text
  }

  var testDescription: String { name }
}
