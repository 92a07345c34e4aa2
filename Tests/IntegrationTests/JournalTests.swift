import Foundation
import Journal
import Testing

@Suite(.serialized) struct JournalTests {
  @Test("journald stores our fields as sent: a forged field stays a value, a large entry arrives whole, bytes as bytes")
  func fields() throws {
    let journald = try #require(try JournalDaemon(), "systemd-journald is needed: apt-get install systemd, run as root")
    let sink = try JournalSink(mode: .journal, identifier: "weft-test")
    let marker = UUID().uuidString
    var entry = JournalEntry(identifier: "weft-test", limits: .init(valueBytes: 900_000))

    entry.start(.connectionDenied)
    entry.append("WEFT_TEST_RUN", marker)
    entry.append("MESSAGE", "denied")
    entry.append("WEFT_SNI", "example.org\nWEFT_VERDICT=allow")
    Array("a\u{1b}".utf8 + [0xff]).withUnsafeBytes { entry.append("WEFT_PATH", bytes: $0) }
    sink.send(&entry, now_ns: 0)

    let large = String(repeating: "0123456789", count: 60_000)
    entry.start(.snapshotRefused)
    entry.append("WEFT_TEST_RUN", marker)
    entry.append("MESSAGE", large)
    sink.send(&entry, now_ns: 0)
    #expect(sink.counts.journal == 2)
    #expect(sink.counts.large == 1)

    let found = try journald.entries("WEFT_TEST_RUN", marker, count: 2)
    try #require(found.count == 2)
    #expect(found[0]["SYSLOG_IDENTIFIER"] as? String == "weft-test")
    #expect(found[0]["MESSAGE_ID"] as? String == EventKind.connectionDenied.messageID)
    #expect(found[0]["PRIORITY"] as? String == "5")
    #expect(found[0]["WEFT_SNI"] as? String == "example.org\nWEFT_VERDICT=allow")
    #expect(found[0]["WEFT_VERDICT"] == nil)
    #expect(found[0]["WEFT_PATH"] as? [Int] == [0x61, 0x1b, 0xff])
    #expect(found[1]["MESSAGE"] as? String == large)
  }

  @Test("A burst of a thousand entries reaches journald whole, though its queue may be ten datagrams long")
  func burst() throws {
    let journald = try #require(try JournalDaemon(), "systemd-journald is needed: apt-get install systemd, run as root")
    let sink = try JournalSink(mode: .journal, identifier: "weft-test")
    let marker = UUID().uuidString
    var entry = JournalEntry(identifier: "weft-test")
    for number in 0..<1_000 {
      entry.start(.connectionClosed)
      entry.append("WEFT_TEST_RUN", marker)
      entry.append("MESSAGE", "entry")
      entry.append("WEFT_CONNECTION_ID", number)
      sink.send(&entry, now_ns: 0)
    }
    #expect(sink.counts.journal == 1_000)
    #expect(sink.counts.dropped == 0)
    #expect(try journald.entries("WEFT_TEST_RUN", marker, count: 1_000).count == 1_000)
  }
}
