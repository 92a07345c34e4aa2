import DNS
import MeshModel
import Testing

@Suite("The name server")
struct NameServerTests {
  private func receive(_ bytes: [UInt8], by transport: DNSTransport = .udp) throws -> (
    NameServer.Outcome, NameServerCounts
  ) {
    var server = NameServer(try #require(Zone()))
    return (server.receive(bytes, by: transport, from: ZoneTests.table, rotation: 0), server.counts)
  }

  private static let question = "035765620453686f70046d6573680000010001"

  @Test(
    "refuses what is no query of its kind, says so in the code, and counts it",
    arguments: [
      ("1234 0900 0000 0000 0000 0000", "NOTIMP qr rd ra", DNSFault.opcode),
      ("1234 2800 0001 0000 0000 0000" + question, "NOTIMP qr ra", .opcode),
      ("1234 0100 0000 0000 0000 0000", "FORMERR qr rd ra", .questionCount),
      ("1234 0100 0002 0000 0000 0000" + question + question, "FORMERR qr rd ra", .questionCount),
      ("1234 0100 0001 0000 0000 0000" + question + "00", "FORMERR qr rd ra", .trailingBytes),
      ("1234 0100 0001 0000 0000 0000 c00c 0001 0001", "FORMERR qr rd ra", .pointer),
      (
        "1234 0100 0001 0001 0000 0000" + question + "0000010001000000050004c0000201", "FORMERR qr rd ra",
        .queryWithRecords
      ),
      ("1234 0110 0001 0000 0000 0000 0776657273696f6e0462696e640000100003", "REFUSED qr rd ra cd", .recordClass),
      ("1234 0100 0001 0000 0000 0000 046d65736800 00fc 0001", "REFUSED qr rd ra", .questionType),
      ("1234 0100 0001 0000 0000 0001" + question + "00002904d0000100000000", "BADVERS qr rd ra", .ednsVersion),
    ] as [(String, String, DNSFault)]
  )
  func refuses(hex: String, first: String, fault: DNSFault) throws {
    let (outcome, counts) = try receive(packet(hex))
    guard case .refuse(let reply, fault) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    let message = try Message(reply)
    #expect(message.lines.first == first && message.header.id == 0x1234)
    #expect(counts.refused(fault) == 1 && counts.refused == 1 && counts.answered == 0)
  }

  @Test(
    "sends nothing back to what is a response already, or has no id",
    arguments: [
      ("", DNSFault.shortHeader), ("1234 0100 0001 0000 0000 00", .shortHeader),
      ("1234 8100 0001 0000 0000 0000" + question, .response),
    ]
  )
  func drops(hex: String, fault: DNSFault) throws {
    let (outcome, counts) = try receive(packet(hex))
    #expect(outcome == .drop(fault))
    #expect(counts.refused(fault) == 1)
  }

  @Test("tells people why, where their program knows EDNS")
  func hints() throws {
    let query = Message(
      MessageHeader(id: 1),
      questions: [Question(try #require(DomainName("web.mesh")), .a)],
      edns: EDNS()
    )
    guard case .reply(let reply) = try receive(query.encode()).0 else {
      Issue.record("no reply")
      return
    }
    let message = try Message(reply)
    #expect(message.lines[0] == "NXDOMAIN qr aa ra")
    #expect(
      message.lines[1]
        == "EDNS 1232 options [15] error 0 there is no namespace web; names are <service>.<namespace>.mesh"
    )
    #expect(message.authorities.count == 1)
  }

  @Test(
    "cuts a UDP answer to what the client takes, and to what passes every path",
    arguments: [(nil, 512, true), (100, 512, true), (700, 700, true), (4_096, 1_232, true), (nil, 65_535, false)]
      as [(UInt16?, Int, Bool)]
  )
  func cuts(offered: UInt16?, limit: Int, isCut: Bool) throws {
    let endpoints = (1...100).map { "10.0.1.\($0):80" }
    let table = NameTable(services: [ZoneTests.service("data", "many", [], [("http", 80, endpoints)])])
    var query = Message(
      MessageHeader(id: 1),
      questions: [Question(try #require(DomainName("_http._tcp.many.data.mesh")), .srv)]
    )
    query.edns = offered.map { EDNS(udpBytes: $0) }
    var server = NameServer(try #require(Zone()))
    let outcome = server.receive(query.encode(), by: isCut ? .udp : .tcp, from: table, rotation: 0)
    guard case .reply(let reply) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    let message = try Message(reply)
    #expect(reply.count <= limit && message.header.isTruncated == isCut && !message.answers.isEmpty)
    #expect((message.edns != nil) == (offered != nil) && message.edns.map { $0.udpBytes } ?? 1_232 == 1_232)
    #expect(server.counts.truncated == (isCut ? 1 : 0) && server.counts.answered == 1)
    if !isCut { #expect(message.answers.count == DNSLimit.endpointRecords) }
  }

  @Test("gives every name a place in one table, the first of two alike, and says what has none")
  func tables() throws {
    let table = NameTable(services: [
      ZoneTests.service("shop", "web", ["240.0.1.1"], []), ZoneTests.service("shop", "web", ["240.0.1.2"], []),
      ZoneTests.service("shop", "web.v2", ["240.0.1.3"], []),
    ])
    #expect(table.count == 1 && table.leftOut == 2)
  }

  @Test("has a clause and a label of its own for every fault")
  func faults() {
    #expect(Set(DNSFault.allCases.map(\.description)).count == DNSFault.allCases.count)
    #expect(Set(DNSFault.allCases.map(\.label)).count == DNSFault.allCases.count)
  }
}
