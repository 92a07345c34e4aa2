import Journal
import MeshModel
import Testing

@testable import Journal
import WeftTestKit

@Suite struct JournalEntryTests {
  @Test("Printable text is written as NAME=value")
  func plain() {
    var entry = JournalEntry(identifier: "weft-test")
    entry.start(priority: .info)
    entry.append("MESSAGE", "größer = besser")
    #expect(
      String(decoding: entry.bytes, as: UTF8.self)
        == "SYSLOG_IDENTIFIER=weft-test\nPRIORITY=6\nMESSAGE=größer = besser\n"
    )
  }

  @Test("A value with a newline carries its length in 64 bits, least significant byte first")
  func binary() {
    var entry = JournalEntry(identifier: "w")
    entry.start(priority: .debug)
    let start = entry.bytes.count
    entry.append("A", "x\ny")
    #expect(Array(entry.bytes.dropFirst(start)) == Array("A\n".utf8) + [3, 0, 0, 0, 0, 0, 0, 0] + Array("x\ny\n".utf8))
  }

  @Test(
    "Control bytes and broken UTF-8 use the binary form",
    arguments: [[0x00], [0x1f], [0x7f], [0x09], [0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]]
  )
  func unprintable(value: [UInt8]) {
    var entry = JournalEntry(identifier: "w")
    entry.start(priority: .debug)
    value.withUnsafeBytes { entry.append("A", bytes: $0) }
    #expect(!Array(entry.bytes).containsSequence(Array("A=".utf8)))
    #expect(entry.fields.last == .init("A", value))
  }

  @Test("What a peer sent cannot begin a field of its own")
  func forgery() {
    var entry = JournalEntry(identifier: "w")
    entry.start(.connectionClosed)
    let forged = "example.org\nWEFT_VERDICT=allow\nMESSAGE_ID=0\n"
    Array(forged.utf8).withUnsafeBytes { entry.append("WEFT_SNI", bytes: $0) }
    let fields = entry.fields
    #expect(fields.map(\.name) == ["SYSLOG_IDENTIFIER", "PRIORITY", "MESSAGE_ID", "WEFT_EVENT", "WEFT_SNI"])
    #expect(fields.last == .init("WEFT_SNI", forged))
  }

  @Test("Any bytes come back as they were, and add no field", arguments: 0..<20 as Range<UInt64>)
  func anyBytes(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    // Bytes that matter to the protocol come up often.
    let special: [UInt8] = [0x0a, 0x3d, 0x00, 0x7f, 0xc3, 0xa9, 0xff, 0x41]
    var entry = JournalEntry(identifier: "w")
    for _ in 0..<100 {
      entry.start(priority: .info)
      var values: [[UInt8]] = []
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let length = Int.random(in: 0...40, using: &random)
        values.append(
          (0..<length).map { _ in
            Bool.random(using: &random)
              ? special.randomElement(using: &random) ?? 0 : UInt8.random(in: 0...255, using: &random)
          }
        )
      }
      for value in values { value.withUnsafeBytes { entry.append("F", bytes: $0) } }
      let decoded = try NativeDecoder.decode(Array(entry.bytes))
      #expect(decoded.dropFirst(2).map(\.value) == values, "seed \(seed)")
      #expect(decoded.dropFirst(2).allSatisfy { $0.name == "F" }, "seed \(seed)")
      #expect(entry.ownFields == decoded, "seed \(seed)")
    }
  }

  @Test("Numbers and addresses are written in decimal and in canonical text")
  func numbers() throws {
    var entry = JournalEntry(identifier: "w")
    entry.start(priority: .info)
    entry.append("A", Int64.min)
    entry.append("B", UInt64.max)
    entry.append("C", 0 as UInt8)
    entry.append("D", try #require(SocketAddress("192.0.2.1:80")))
    entry.append("E", try #require(SocketAddress("[2001:db8::1]:65535")))
    #expect(
      Array(entry.fields.dropFirst(2)) == [
        .init("A", "-9223372036854775808"), .init("B", "18446744073709551615"), .init("C", "0"),
        .init("D", "192.0.2.1:80"), .init("E", "[2001:db8::1]:65535"),
      ]
    )
  }

  @Test("A value can be written in pieces, and opening the next field ends it")
  func pieces() {
    var entry = JournalEntry(identifier: "w")
    entry.start(priority: .info)
    entry.open("MESSAGE")
    entry.write("sent ")
    entry.write(12)
    entry.write(" bytes")
    entry.open("NEXT")
    entry.close()
    entry.write("belongs to no field")
    #expect(Array(entry.fields.dropFirst(2)) == [.init("MESSAGE", "sent 12 bytes"), .init("NEXT", "")])
  }

  @Test("A value that is too long ends in an ellipsis between two characters, and WEFT_TRUNCATED tells its length")
  func longValue() {
    var entry = JournalEntry(identifier: "w", limits: .init(valueBytes: 10))
    entry.start(priority: .info)
    entry.append("WEFT_PATH", "123456789é and more")
    entry.append("B", "short")
    entry.finish()
    #expect(
      Array(entry.fields.dropFirst(2)) == [
        .init("WEFT_PATH", "123456789…"), .init("B", "short"), .init("WEFT_TRUNCATED", "WEFT_PATH:20"),
      ]
    )
  }

  @Test("A full entry leaves further fields out, names them, and stays within its bound")
  func fullEntry() {
    var entry = JournalEntry(identifier: "w", limits: .init(valueBytes: 400, entryBytes: 1500))
    entry.start(priority: .info)
    let long = String(repeating: "x", count: 390)
    for _ in 0..<20 { entry.append("LONG", long) }
    entry.finish()
    #expect(entry.bytes.count <= 1500)
    #expect(entry.fields.last?.name == "WEFT_TRUNCATED")
    #expect(entry.fields.filter { $0.name == "LONG" }.count == 3)
  }

  @Test("A warm entry is built in the memory it has")
  func reuse() {
    var entry = JournalEntry(identifier: "w")
    var address: UnsafeRawPointer?
    for round in 0..<100 {
      entry.start(.connectionClosed)
      entry.append("MESSAGE", String(repeating: "m", count: 3000))
      if round == 0 { address = entry.bytes.baseAddress }
      #expect(entry.bytes.baseAddress == address)
    }
  }

  @Test(
    "A key from outside becomes a field name that journald takes and that is ours",
    arguments: [
      ("connection id", "WEFT_CONNECTION_ID"), ("_PID", "WEFT__PID"), ("a=b\nMESSAGE", "WEFT_A_B_MESSAGE"),
      ("ключ", "WEFT_________"), (String(repeating: "k", count: 90), "WEFT_" + String(repeating: "K", count: 59)),
    ]
  )
  func keys(key: String, name: String) {
    var entry = JournalEntry(identifier: "w")
    entry.start(priority: .info)
    entry.open(key: key)
    entry.close()
    #expect(entry.fields.last?.name == name)
  }
}

extension JournalEntry {
  /// The fields as the reference decoder reads them; empty for what it cannot read.
  var fields: [NativeDecoder.Field] { (try? NativeDecoder.decode(Array(bytes))) ?? [] }

  /// The fields as the module's own reader sees them.
  var ownFields: [NativeDecoder.Field] {
    var fields: [NativeDecoder.Field] = []
    forEachField { fields.append(.init(String(decoding: $0, as: UTF8.self), Array($1))) }
    return fields
  }
}

extension Array where Element: Equatable {
  func containsSequence(_ other: [Element]) -> Bool {
    indices.contains { self[$0...].starts(with: other) }
  }
}
