import Testing

@testable import ProxyPath

@Suite("Refused questions for names")
struct NameRefusalTests {
  private func answer(_ query: [UInt8]) -> [UInt8] {
    var bytes = query
    let length = bytes.withUnsafeMutableBytes(NameRefusal.answer)
    return Array(bytes.prefix(length))
  }

  private static let question = [3] + Array("web".utf8) + [4] + Array("mesh".utf8) + [0, 0, 1, 0, 1]

  @Test("are answered SERVFAIL with the question as it was asked, and without what came after it")
  func refused() {
    // RD, AD and CD; one question and EDNS.
    let query: [UInt8] = [0xab, 0xcd, 0x01, 0x30, 0, 1, 0, 0, 0, 0, 0, 1] + Self.question
    let edns: [UInt8] = [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]
    #expect(answer(query + edns) == [0xab, 0xcd, 0x81, 0x92, 0, 1, 0, 0, 0, 0, 0, 0] + Self.question)
  }

  @Test("that are not whole, or more than one, are answered by a header alone", arguments: 0..<14)
  func broken(cut: Int) {
    let header: [UInt8] = [1, 2, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0]
    let bare: [UInt8] = [1, 2, 0x81, 0x82, 0, 0, 0, 0, 0, 0, 0, 0]
    #expect(answer(header + Self.question.prefix(cut)) == bare)
    #expect(answer(header + [0xc0, 0x0c, 0, 1, 0, 1]) == bare)
    var two = header
    two[5] = 2
    #expect(answer(two + Self.question) == bare)
  }

  @Test("that are answers themselves, or less than a header, are not answered")
  func silent() {
    #expect(answer([]) == [])
    #expect(answer([UInt8](repeating: 0, count: 11)) == [])
    #expect(answer([1, 2, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0] + Self.question) == [])
  }

  @Test("the longest name fits in what is read of a query")
  func longest() {
    let labels = [[UInt8]](repeating: [61] + [UInt8](repeating: 0x61, count: 61), count: 4).flatMap { $0 }
    let query: [UInt8] = [1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0] + labels + [5, 1, 2, 3, 4, 5, 0, 0, 1, 0, 1]
    #expect(query.count == NameRefusal.query_bytes && answer(query).count == query.count)
  }
}
