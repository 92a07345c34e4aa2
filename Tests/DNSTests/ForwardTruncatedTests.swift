import DNS
import MeshModel
import Testing

@Suite("Answers that do not fit a datagram")
struct ForwardTruncatedTests {
  private let question: Question

  init() throws { question = Question(try #require(DomainName("api.test")), .a) }

  /// What was sent, and by what.
  private func sent(_ harness: ForwardHarness) throws -> (
    id: UInt16, bytes: [UInt8], to: SocketAddress, by: DNSTransport
  ) {
    for case .send(let id, let bytes, let to, let by) in harness.actions { return (id, bytes, to, by) }
    throw NothingSent()
  }

  private struct NothingSent: Error {}

  /// A question of our own is asked.
  private func asking(_ resolv: String = "nameserver 192.0.2.1\n") throws -> ForwardHarness {
    var harness = try ForwardHarness(resolv)
    harness.actions = harness.table.start(
      ForwardQuery(question),
      client: 5,
      now_ms: harness.now_ms,
      using: &harness.random
    )
    return harness
  }

  private func cut(_ query: [UInt8], records: Int) throws -> [UInt8] {
    var message = try Message(try ForwardHarness.answer(query, records: records))
    message.header.isTruncated = true
    return message.encode()
  }

  private func found(_ harness: ForwardHarness) -> HostAnswer? {
    for case .reply(let bytes, 5) in harness.actions { return HostAnswer(bytes, to: question) }
    return nil
  }

  private func addresses(_ count: Int) -> HostAnswer {
    .addresses((0..<count).map { IPAddress(v4: 0xc000_0200 + UInt32($0)) }, ttl_s: 60)
  }

  @Test("are asked for again by TCP, of the server that cut them, and all of them come")
  func again() throws {
    var harness = try asking("nameserver 192.0.2.1\nnameserver 192.0.2.2\n")
    harness.tick(2_000)
    let second = try sent(harness)
    #expect(second.to.description == "192.0.2.2:53" && second.by == .udp)
    harness.receive(try cut(second.bytes, records: 1), from: second.to)
    #expect(found(harness) == nil && harness.actions.contains(.finished(id: second.id)))
    let stream = try sent(harness)
    #expect(stream.by == .tcp && stream.to == second.to && stream.id != second.id)
    #expect(try Message(stream.bytes).questions == [question])
    // What comes by UDP is no answer to it.
    harness.receive(try ForwardHarness.answer(stream.bytes), from: stream.to)
    #expect(found(harness) == nil && harness.table.counts.unmatched == 1)
    harness.receive(try ForwardHarness.answer(stream.bytes, records: 100), from: stream.to, by: .tcp)
    #expect(found(harness) == addresses(100))
    #expect(harness.table.count == 0 && harness.table.counts.truncated == 1 && harness.table.counts.answered == 1)
  }

  @Test(
    "are asked for of the next server where the one does not take TCP, and used as far as they came where none does"
  )
  func without() throws {
    var harness = try asking("nameserver 192.0.2.1\nnameserver 192.0.2.2\noptions attempts:1\n")
    let first = try sent(harness)
    harness.receive(try cut(first.bytes, records: 3), from: first.to)
    harness.failed(try sent(harness).id)
    let other = try sent(harness)
    #expect(other.by == .tcp && other.to.description == "192.0.2.2:53")
    harness.failed(other.id)
    #expect(found(harness) == addresses(3) && harness.table.count == 0)
  }

  @Test("end in time where TCP is silent, and say that there was more where nothing had come")
  func silent() throws {
    var harness = try asking("nameserver 192.0.2.1\noptions timeout:1 attempts:1\n")
    let first = try sent(harness)
    harness.receive(try cut(first.bytes, records: 0), from: first.to)
    let stream = try sent(harness)
    for _ in 0..<3 where found(harness) == nil { harness.tick(1_000) }
    #expect(found(harness) == .failed("the answer is longer than 1232 bytes, and not to be had by TCP"))
    #expect(harness.actions.contains(.finished(id: stream.id)) && harness.table.count == 0)
  }

  @Test("go to clients as they are: these come back by TCP themselves")
  func clients() throws {
    var harness = try ForwardHarness("nameserver 192.0.2.1\n")
    try harness.ask("www.example.com")
    let first = try sent(harness)
    harness.receive(try cut(first.bytes, records: 1), from: first.to)
    #expect(try harness.replies()[1]?.header.isTruncated == true)
    #expect(throws: NothingSent.self) { try sent(harness) }
  }
}
