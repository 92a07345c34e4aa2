import Journal
import Logging
import Testing

@Suite struct JournalLogHandlerTests {
  @Test("A log call becomes an entry with level, place and metadata")
  func fields() throws {
    let journald = StandInJournald()
    let log = try JournalLog(mode: .journal, identifier: "weft-test", path: journald.path)
    var logger = Logger(label: "control") { JournalLogHandler(label: $0, log: log) }
    logger[metadataKey: "peer-name"] = "a\nb"
    logger.warning("something\nodd", metadata: ["port": "\(80)"])
    logger.debug("not at this level")
    let fields = try NativeDecoder.decode(try #require(journald.next()).bytes)
    #expect(fields.contains(.init("SYSLOG_IDENTIFIER", "weft-test")))
    #expect(fields.contains(.init("PRIORITY", "4")))
    #expect(fields.contains(.init("MESSAGE", "something\nodd")))
    #expect(fields.contains(.init("LOGGER", "control")))
    #expect(fields.contains(.init("WEFT_PEER_NAME", "a\nb")))
    #expect(fields.contains(.init("WEFT_PORT", "80")))
    #expect(fields.contains { $0.name == "CODE_LINE" })
    #expect(journald.next() == nil)
  }

  @Test("Too many messages end in one that says how many were dropped")
  func limited() throws {
    let journald = StandInJournald()
    let log = try JournalLog(
      mode: .journal,
      identifier: "weft-test",
      path: journald.path,
      limits: .init(burst: 3, perSecond: 0, reserve: 0, summaryInterval_ns: 0)
    )
    for _ in 0..<4 { log.write { $0.start(.listenerProblem) } }
    var last: [NativeDecoder.Field] = []
    while let received = journald.next() { last = try NativeDecoder.decode(received.bytes) }
    #expect(last.contains(.init("MESSAGE", "1 entry dropped, 1 of them denials or errors")))
  }

  @Test("Drops are told also when no further entry comes: after the interval, or at the end")
  func idle() throws {
    let journald = StandInJournald()
    let log = try JournalLog(
      mode: .journal,
      identifier: "weft-test",
      path: journald.path,
      limits: .init(burst: 0, perSecond: 0, reserve: 0, summaryInterval_ns: 3_600_000_000_000)
    )
    log.write { $0.start(.listenerProblem) }
    #expect(journald.next() != nil, "the first drop is told at once")
    log.note(dropped: 3)
    #expect(log.summarizeDrops())
    #expect(journald.next() == nil)
    #expect(!log.summarizeDrops(finally: true))
    let fields = try NativeDecoder.decode(try #require(journald.next()).bytes)
    #expect(fields.contains(.init("MESSAGE", "3 entries dropped")))
    #expect(log.counts.rateLimited == 1)
  }
}
