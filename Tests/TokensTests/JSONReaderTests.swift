import Policy
import Testing

@testable import Tokens

@Suite("The JSON reader")
struct JSONReaderTests {
  private func read(_ text: String) -> ClaimValue? { text.utf8Bytes { try? JSONReader.read($0) } }

  @Test("reads every kind of value, numbers as they are written")
  func values() {
    let text =
      #" { "a" : [ 1 , -0.50e+10 , true , false , null ] , "b" : { } , "c" : "x\n\"\\\/A\u00e9\ud83d\ude00é" } "#
    let expected = ClaimValue.object([
      .init("a", .list([.number("1"), .number("-0.50e+10"), .boolean(true), .boolean(false), .null])),
      .init("b", .object([])), .init("c", .text("x\n\"\\/A\u{e9}\u{1f600}é")),
    ])
    #expect(read(text) == expected)
    #expect(read("[]") == .list([]))
    #expect(read("123456789012345678901234567890") == .number("123456789012345678901234567890"))
  }

  @Test(
    "refuses what is not JSON",
    arguments: [
      "", " ", "{", "[", "[1", "[1,", "[1,]", "[,1]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{a:1}", "{'a':1}",
      "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\u{1}\"", "\"\n\"", "tru", "truE", "nul", "01",
      "-", "+1", "1.", ".5", "1e", "1e+", "0x1", "NaN", "Infinity", "1 2", "{}{}", "{} x", "[1]\u{0}", "//\n1",
    ]
  )
  func malformed(_ text: String) { #expect(read(text) == nil) }

  @Test("refuses lone surrogates and bytes that are no UTF-8")
  func unicode() {
    for text in [#""\ud800""#, #""\udc00""#, #""\ud800A""#, #""\ud800x""#] { #expect(read(text) == nil) }
    let bytes: [[UInt8]] = [[0x22, 0xff, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22]]
    for bytes in bytes { #expect(bytes.withUnsafeBytes { try? JSONReader.read($0) } == nil) }
  }

  @Test("refuses a name that comes twice, however it is escaped, but not one that only looks the same")
  func duplicates() {
    #expect(read(#"{"a":1,"a":2}"#) == nil)
    #expect(read(#"{"a":1,"\u0061":2}"#) == nil)
    #expect(read(#"{"x":{"a":1,"a":1}}"#) == nil)
    #expect(read(#"{"a":{"a":1},"A":2}"#) != nil)
    #expect(read(#"{"\u00e9":1,"e\u0301":2}"#) != nil)
  }

  @Test("refuses depth and numbers of values beyond its limits, and takes them up to there")
  func bounds() {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth)
    }
    #expect(read(nested(TokenLimit.depth)) != nil)
    #expect(read(nested(TokenLimit.depth + 1)) == nil)
    #expect(read(nested(100_000)) == nil)
    func list(_ count: Int) -> String { "[" + Array(repeating: "1", count: count).joined(separator: ",") + "]" }
    #expect(read(list(TokenLimit.values - 1)) != nil)
    #expect(read(list(TokenLimit.values)) == nil)
  }

  @Test("reads again what was written from it")
  func written() {
    let text = #"{"a":["x\"\\\u0001é",1e5,null,true],"b":{"c":[]}}"#
    guard let value = read(text) else {
      Issue.record("it was not read")
      return
    }
    var json: [UInt8] = []
    value.write(to: &json)
    #expect(String(decoding: json, as: UTF8.self) == text)
  }
}
