import HTTP1
import Testing

@Suite struct HeadWriterTests {
  @Test(
    "Decimal numbers are written in as many digits as they have",
    arguments: [0, 9, 10, 99, 100, 12_345, 9_999_999_999, 10_000_000_000_000_000_000, .max] as [UInt64]
  )
  func decimal(number: UInt64) {
    #expect(written { $0.put(decimal: number) } == String(number))
  }

  @Test("Powers of ten and their neighbours are written right")
  func powers() {
    var power: UInt64 = 1
    for _ in 0..<19 {
      power *= 10
      for number in [power - 1, power, power + 1] { #expect(written { $0.put(decimal: number) } == String(number)) }
    }
  }

  @Test("Hexadecimal numbers are written in the digits asked for")
  func hexadecimal() {
    #expect(written { $0.put(hexadecimal: 0xa1, digits: 4) } == "00a1")
    #expect(written { $0.put(hexadecimal: .max, digits: 16) } == "ffffffffffffffff")
    #expect(written { $0.put(hexadecimal: 0x123, digits: 2) } == "23")
    #expect(written { $0.put(hexadecimal: 1, digits: 0) } == "")
  }

  @Test("What does not fit is not written, nor what follows it, and that is said")
  func overflow() {
    withUnsafeTemporaryAllocation(byteCount: 8, alignment: 1) { buffer in
      buffer.initializeMemory(as: UInt8.self, repeating: 0x2e)
      var writer = HeadWriter(UnsafeMutableRawBufferPointer(rebasing: buffer[..<6]))
      writer.put("abcd")
      #expect(!writer.isOverflown)
      writer.put("efg")
      #expect(writer.isOverflown)
      writer.put(0x78)
      writer.put(decimal: 1)
      writer.put(hexadecimal: 1, digits: 1)
      writer.put(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<1]))
      writer.putEnd()
      #expect(text(writer.written) == "abcd" && writer.count == 4)
      #expect(text(UnsafeRawBufferPointer(buffer)) == "abcd....")
    }
  }

  @Test("A buffer is filled to its last byte, and none at all takes nothing")
  func exact() {
    #expect(written(room: 3) { $0.put("abc") } == "abc")
    #expect(written(room: 2) { $0.put("abc") } == nil)
    var writer = HeadWriter(UnsafeMutableRawBufferPointer(start: nil, count: 0))
    writer.put("")
    writer.put(UnsafeRawBufferPointer(start: nil, count: 0))
    writer.put(0x61)
    #expect(writer.isOverflown && writer.written.isEmpty)
  }

  @Test("Framing is written in one line, or none")
  func framing() {
    #expect(written { $0.putFraming(RequestFraming.none) } == "")
    #expect(written { $0.putFraming(RequestFraming.length(0)) } == "Content-Length: 0\r\n")
    #expect(written { $0.putFraming(RequestFraming.chunked) } == "Transfer-Encoding: chunked\r\n")
    #expect(written { $0.putFraming(ResponseFraming.length(12)) } == "Content-Length: 12\r\n")
    #expect(written { $0.putFraming(ResponseFraming.chunked) } == "Transfer-Encoding: chunked\r\n")
    for framing in [ResponseFraming.none, .untilClose, .tunnel] { #expect(written { $0.putFraming(framing) } == "") }
  }

  @Test("Chunks are written with the size they have, and none of size zero, which would end the body")
  func chunks() {
    for (size, line) in [(1, "1"), (15, "f"), (16, "10"), (65_536, "10000"), (Int.max, "7fffffffffffffff")] {
      #expect(written { $0.putChunkHead(size: size) } == "\(line)\r\n")
    }
    #expect(written { $0.putChunkHead(size: 0) } == "")
    #expect(written { $0.putChunkTail() } == "\r\n")
    #expect(written { $0.putLastChunk() } == "0\r\n")
    #expect(written { $0.putBodyEnd() } == "0\r\n\r\n")
    #expect(written { $0.putEnd() } == "\r\n")
  }
}
