import Foundation
import Testing

@testable import Journal
import WeftTestKit

@Suite struct JSONLineTests {
  @Test("Quotes, backslashes and every control character are escaped, C1 included")
  func escapes() {
    #expect(
      line { $0.append("A", "\"\\\n\r\t\u{1b}[31m\u{7f}\u{9b}é𝄞") }
        == #"{"__REALTIME_TIMESTAMP":"7","SYSLOG_IDENTIFIER":"w","PRIORITY":"6","#
        + #""A":"\"\\\n\r\t\u001b[31m\u007f\u009bé𝄞"}"# + "\n"
    )
  }

  @Test("Bytes that are not UTF-8 become an array of numbers, as journalctl -o json writes them")
  func invalid() {
    let text = line { entry in ([0xff, 0x41, 0x0a] as [UInt8]).withUnsafeBytes { entry.append("A", bytes: $0) } }
    #expect(text.hasSuffix(#""A":[255,65,10]}"# + "\n"))
  }

  @Test("Any bytes give one line of JSON that reads back the same", arguments: 0..<20 as Range<UInt64>)
  func anyBytes(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let special: [UInt8] = [0x22, 0x5c, 0x0a, 0xc2, 0x85, 0xe2, 0x80, 0xa8, 0x00]
    for _ in 0..<100 {
      let value = (0..<Int.random(in: 0...12, using: &random)).map { _ in
        Bool.random(using: &random)
          ? special.randomElement(using: &random) ?? 0 : UInt8.random(in: 0...255, using: &random)
      }
      let text = line { entry in value.withUnsafeBytes { entry.append("A", bytes: $0) } }
      #expect(text.utf8.filter { $0 < 0x20 }.count == 1, "seed \(seed)")
      let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      let read = (object["A"] as? String).map { Array($0.utf8) } ?? (object["A"] as? [UInt8])
      #expect(read == value, "seed \(seed)")
    }
  }

  private func line(_ build: (inout JournalEntry) -> Void) -> String {
    var entry = JournalEntry(identifier: "w")
    entry.start(priority: .info)
    build(&entry)
    var line = ByteBuilder()
    line.appendJSON(entry, realtimeMicroseconds: 7)
    return String(decoding: line.bytes, as: UTF8.self)
  }
}
