import Glibc
import Testing

@testable import Journal

@Suite struct JournalSinkTests {
  static let second: UInt64 = 1_000_000_000

  @Test("An entry reaches journald's socket as it was built")
  func sends() throws {
    let journald = StandInJournald()
    let sink = try JournalSink(mode: .journal, identifier: "weft-test", path: journald.path)
    var entry = Self.entry("hello")
    sink.send(&entry, now_ns: 0)
    let received = try #require(journald.next())
    #expect(received.bytes == Array(entry.bytes))
    #expect(received.file == nil)
    #expect(sink.counts == .init(journal: 1))
  }

  @Test("An entry too large for a datagram goes as a file that nobody can change")
  func large() throws {
    let journald = StandInJournald()
    let sink = try JournalSink(mode: .journal, identifier: "weft-test", path: journald.path)
    var entry = JournalEntry(identifier: "weft-test", limits: .init(valueBytes: 900_000))
    entry.start(priority: .info)
    entry.append("MESSAGE", String(repeating: "large ", count: 100_000))
    sink.send(&entry, now_ns: 0)
    let received = try #require(journald.next())
    #expect(received.bytes.isEmpty)
    #expect(received.file == Array(entry.bytes))
    #expect(received.seals == 15)
    #expect(sink.counts == .init(journal: 1, large: 1))
  }

  @Test("Without journald entries are JSON lines, which is said once, and the socket is tried again after 5 seconds")
  func absent() throws {
    let journald = StandInJournald(listening: false)
    let output = LinePipe()
    let sink = try JournalSink(
      mode: .journal,
      identifier: "weft-test",
      path: journald.path,
      lineDescriptor: output.writeEnd
    )
    var entry = Self.entry("one")
    sink.send(&entry, now_ns: 0)
    sink.send(&entry, now_ns: 6 * Self.second)
    let lines = output.lines()
    #expect(lines.count == 3)
    #expect(lines.first?.hasPrefix("weft-test: no journald: connect \(journald.path): No such file") == true)
    #expect(lines.dropFirst().allSatisfy { $0.contains(#""MESSAGE":"one""#) })

    journald.start()
    sink.send(&entry, now_ns: 10 * Self.second)
    #expect(journald.next() == nil, "tried again after 4 seconds only")
    _ = output.lines()
    sink.send(&entry, now_ns: 11 * Self.second)
    #expect(journald.next() != nil)
    #expect(output.lines() == ["weft-test: journald answers again at \(journald.path)"])
    #expect(sink.counts == .init(journal: 1, lines: 3))
  }

  @Test("A journald that restarts loses no entry that is sent after it is back")
  func restart() throws {
    let journald = StandInJournald()
    let output = LinePipe()
    let sink = try JournalSink(
      mode: .journal,
      identifier: "weft-test",
      path: journald.path,
      lineDescriptor: output.writeEnd
    )
    var entry = Self.entry("before")
    sink.send(&entry, now_ns: 0)
    journald.stop()
    journald.start()
    var after = Self.entry("after")
    sink.send(&after, now_ns: 1)
    #expect(journald.next()?.bytes == Array(after.bytes))
    #expect(output.lines().isEmpty)
  }

  @Test("A journald that stops is said once, and the entry that noticed is not lost")
  func stopped() throws {
    let journald = StandInJournald()
    let output = LinePipe()
    let sink = try JournalSink(
      mode: .journal,
      identifier: "weft-test",
      path: journald.path,
      lineDescriptor: output.writeEnd
    )
    var entry = Self.entry("x")
    sink.send(&entry, now_ns: 0)
    journald.stop()
    sink.send(&entry, now_ns: 1)
    #expect(output.lines().count == 2)
    sink.send(&entry, now_ns: 2)
    #expect(output.lines().count == 1)
  }

  @Test("A journald that does not read costs one short wait, then entries are dropped and counted")
  func hung() throws {
    let journald = StandInJournald()
    let sink = try JournalSink(mode: .journal, identifier: "weft-test", path: journald.path)
    var entry = Self.entry("x")
    let clock = ContinuousClock()
    let elapsed = clock.measure { for _ in 0..<2_000 { sink.send(&entry, now_ns: 0) } }
    #expect(sink.counts.dropped > 0)
    #expect(sink.counts.dropped + sink.counts.journal == 2_000)
    #expect(elapsed < .seconds(2))
    let before = sink.counts.journal
    while journald.next() != nil {}
    sink.send(&entry, now_ns: 1)
    #expect(sink.counts.journal == before + 1)
  }

  @Test(
    "Standard error that nobody reads drops lines instead of stopping the logger, and tears none for the next reader"
  )
  func sleepingReader() throws {
    let output = LinePipe()
    let sink = try JournalSink(mode: .stderr, identifier: "weft-test", lineDescriptor: output.writeEnd)
    var entry = Self.entry(String(repeating: "z", count: 3_000))
    for _ in 0..<100 { sink.send(&entry, now_ns: 0) }
    #expect(sink.counts.dropped > 0)
    _ = output.text()
    var next = Self.entry("next")
    sink.send(&next, now_ns: 0)
    #expect(output.lines().last?.hasPrefix("{\"__REALTIME_TIMESTAMP\"") == true)
  }

  @Test("Mode stderr never touches the socket, and mode none writes nowhere")
  func modes() throws {
    let journald = StandInJournald()
    let output = LinePipe()
    var entry = Self.entry("x")
    let lines = try JournalSink(
      mode: .stderr,
      identifier: "w",
      path: journald.path,
      lineDescriptor: output.writeEnd
    )
    lines.send(&entry, now_ns: 0)
    let none = try JournalSink(mode: .none, identifier: "w", path: journald.path, lineDescriptor: output.writeEnd)
    none.send(&entry, now_ns: 0)
    #expect(journald.next() == nil)
    #expect(output.lines().count == 1)
    #expect(none.counts == .init())
  }

  @Test("A socket path that cannot be one is refused", arguments: ["", String(repeating: "p", count: 108), "/a\0b"])
  func badPath(path: String) {
    #expect(throws: JournalError.socketPath(path)) {
      _ = try JournalSink(mode: .journal, identifier: "w", path: path)
    }
  }

  static func entry(_ message: String) -> JournalEntry {
    var entry = JournalEntry(identifier: "weft-test")
    entry.start(.connectionClosed)
    entry.append("MESSAGE", message)
    return entry
  }
}
