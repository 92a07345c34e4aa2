import DNS
import MeshModel
import Testing
import WeftTestKit

@Suite("Questions to others")
struct ForwardTableTests {
  @Test("go on with another id and without the client's options, and the answer comes back to the client")
  func answered() throws {
    var harness = try ForwardHarness("nameserver 192.0.2.1\n")
    let cookie = EDNS(udpBytes: 4_096, wantsSignatures: true, options: [EDNS.Option(code: 10, bytes: [1, 2])])
    try harness.ask("WwW.example.com", id: 7, edns: cookie)
    let sent = try #require(harness.sent)
    let query = try Message(sent.bytes)
    #expect(sent.to.description == "192.0.2.1:53" && query.header.id == sent.id && sent.id != 7)
    #expect(query.lines == ["NOERROR rd", "EDNS 1232 do options []", "? WwW.example.com 1 A"])
    harness.receive(try ForwardHarness.answer(sent.bytes, name: "www.example.com"), from: sent.to)
    #expect(harness.actions.first == .finished(id: sent.id))
    let reply = try #require(try harness.replies()[1])
    #expect(reply.header.id == 7 && reply.lines.contains("? WwW.example.com 1 A"))
    #expect(reply.lines.first == "NOERROR qr rd ra" && reply.answers.count == 1)
    #expect(harness.table.count == 0)
    harness.tick(60_000)
    #expect(harness.actions.isEmpty && harness.table.nextDue_ms == nil)
  }

  @Test("are answered only by what has the right id, server, transport and question")
  func unmatched() throws {
    var harness = try ForwardHarness("nameserver 192.0.2.1\nnameserver 192.0.2.2\n")
    try harness.ask("www.example.com")
    let sent = try #require(harness.sent)
    let right = try ForwardHarness.answer(sent.bytes)
    var wrongID = right
    wrongID[0] ^= 1
    let other = SocketAddress(IPAddress(v4: 0xc000_0202), port: 53)
    for (bytes, from, transport) in [
      (wrongID, sent.to, DNSTransport.udp), (right, other, .udp), (right, SocketAddress(sent.to.ip, port: 54), .udp),
      (right, sent.to, .tcp), (try ForwardHarness.answer(sent.bytes, name: "www.example.org"), sent.to, .udp),
      ([], sent.to, .udp),
    ] {
      harness.receive(bytes, from: from, by: transport)
      #expect(harness.actions.isEmpty)
    }
    #expect(harness.table.counts.unmatched == 6)
    harness.receive(sent.bytes, from: sent.to)  // a query, not an answer
    harness.receive(Array(right.dropLast()), from: sent.to)
    #expect(harness.actions.isEmpty && harness.table.counts.malformed == 2)
    harness.receive(right, from: sent.to)
    #expect(try harness.replies().count == 1)
    harness.receive(right, from: sent.to)
    #expect(harness.actions.isEmpty && harness.table.counts.unmatched == 7)
  }

  @Test("go to the next server in time, and a slow one is still listened to")
  func nextServer() throws {
    var harness = try ForwardHarness("nameserver 192.0.2.1\nnameserver 192.0.2.2\n")
    try harness.ask("www.example.com")
    let first = try #require(harness.sent)
    #expect(harness.table.nextDue_ms == 3_000)
    harness.tick(1_999)
    #expect(harness.actions.isEmpty)
    harness.tick(1)
    let second = try #require(harness.sent)
    #expect(second.to.description == "192.0.2.2:53" && second.id != first.id)
    harness.receive(try ForwardHarness.answer(first.bytes), from: first.to)
    #expect(try harness.replies().count == 1)
    #expect(Set(harness.actions.prefix(2)) == [.finished(id: first.id), .finished(id: second.id)])
  }

  @Test("ask a server last that did not answer lately")
  func suspicion() throws {
    var harness = try ForwardHarness("nameserver 192.0.2.1\nnameserver 192.0.2.2\n")
    try harness.ask("a.example.com")
    harness.tick(2_000)
    let second = try #require(harness.sent)
    harness.receive(try ForwardHarness.answer(second.bytes), from: second.to)
    try harness.ask("b.example.com")
    #expect(harness.sent?.to.description == "192.0.2.2:53")
    harness.now_ms += ForwardLimit.suspicion_ms
    try harness.ask("c.example.com")
    #expect(harness.sent?.to.description == "192.0.2.1:53")
  }

  @Test(
    "go to the next server at once where one refuses, and say who failed at the end",
    arguments: [ResponseCode.serverFailure, .refused, .notImplemented]
  )
  func failures(code: ResponseCode) throws {
    var harness = try ForwardHarness("nameserver 192.0.2.1\nnameserver 192.0.2.2\noptions attempts:1\n")
    try harness.ask("www.example.com", edns: EDNS())
    let first = try #require(harness.sent)
    harness.receive(try ForwardHarness.answer(first.bytes, code), from: first.to)
    let second = try #require(harness.sent)
    harness.receive(try ForwardHarness.answer(second.bytes, code), from: second.to)
    let reply = try #require(try harness.replies()[1])
    #expect(
      reply.lines == [
        "SERVFAIL qr rd ra", "EDNS 1232 options [15] error 23 no resolver answered; 192.0.2.2:53 answered \(code)",
        "? www.example.com 1 A",
      ]
    )
    #expect(harness.table.counts.failed == 1 && harness.table.count == 0)
  }

  @Test("take an error without a question for what it is")
  func bareError() throws {
    var harness = try ForwardHarness("nameserver 192.0.2.1\nnameserver 192.0.2.2\n")
    try harness.ask("www.example.com")
    let first = try #require(harness.sent)
    harness.receive(Message(MessageHeader(id: first.id, flags: 0x8001)).encode(), from: first.to)
    #expect(harness.sent?.to.description == "192.0.2.2:53")
  }

  @Test("end where no server answers or can be reached")
  func nobody() throws {
    var harness = try ForwardHarness("nameserver 192.0.2.1\nnameserver 192.0.2.2\noptions timeout:1 attempts:1\n")
    try harness.ask("www.example.com", edns: EDNS())
    for _ in 0..<3 where try harness.replies().isEmpty { harness.tick(1_000) }
    let reply = try #require(try harness.replies()[1])
    #expect(reply.lines[1] == "EDNS 1232 options [15] error 22 no answer in time from 192.0.2.1:53, 192.0.2.2:53")
    #expect(harness.now_ms == 3_000)

    try harness.ask("www.example.com", edns: EDNS())
    harness.failed(try #require(harness.sent).id)
    let second = try #require(harness.sent)
    harness.failed(second.id)
    #expect(try #require(try harness.replies()[1]).lines[1].hasSuffix("\(second.to) refused the connection"))
    harness.failed(second.id)
    #expect(harness.actions.isEmpty)
  }

  @Test("wait for a slow server as long as its configuration says")
  func slow() throws {
    var harness = try ForwardHarness("nameserver 192.0.2.1\n")
    try harness.ask("www.example.com")
    let first = try #require(harness.sent)
    harness.tick(2_000)
    harness.tick(2_000)
    #expect(try harness.replies().isEmpty && harness.table.nextDue_ms == 11_000)
    harness.tick(5_999)
    harness.receive(try ForwardHarness.answer(first.bytes), from: first.to)
    #expect(try harness.replies().count == 1)
  }

  @Test("are asked once however many want to know, each answered by its own id and letters")
  func joined() throws {
    var harness = try ForwardHarness("nameserver 192.0.2.1\n")
    try harness.ask("www.example.com", id: 1, client: 1)
    let sent = try #require(harness.sent)
    try harness.ask("WWW.example.com", id: 2, client: 2)
    try harness.ask("WWW.example.com", id: 2, client: 2)
    #expect(harness.actions.isEmpty && harness.table.count == 1 && harness.table.counts.joined == 1)
    try harness.ask("www.example.com", client: 3, by: .tcp)
    #expect(harness.sent != nil && harness.table.count == 2)
    harness.receive(try ForwardHarness.answer(sent.bytes), from: sent.to)
    let replies = try harness.replies()
    #expect(replies.count == 2 && replies[2]?.header.id == 2)
    #expect(replies[2]?.questions.first?.name.description == "WWW.example.com")
  }

  @Test("are cut for a client that takes less than the server sent")
  func cut() throws {
    var harness = try ForwardHarness("nameserver 192.0.2.1\n")
    try harness.ask("www.example.com")
    let sent = try #require(harness.sent)
    harness.receive(try ForwardHarness.answer(sent.bytes, records: 40), from: sent.to)
    let reply = try #require(try harness.replies()[1])
    #expect(reply.lines == ["NOERROR qr tc rd ra", "? www.example.com 1 A"])
  }

  @Test(
    "never go to the server itself",
    arguments: [
      ("nameserver 127.0.0.1\nnameserver 192.0.2.1\n", "127.0.0.1:53", "192.0.2.1:53"),
      ("nameserver 127.0.0.1\n", "127.0.0.1:53", nil), ("", "127.0.0.1:53", nil),
      ("nameserver 127.0.0.53\n", "127.0.0.1:53", "127.0.0.53:53"), ("nameserver 127.0.0.53\n", "0.0.0.0:53", nil),
      ("nameserver 10.0.0.5\n", "0.0.0.0:53", nil), ("nameserver 10.0.0.6\n", "0.0.0.0:53", "10.0.0.6:53"),
      ("nameserver 127.0.0.1\n", "127.0.0.1:15053", "127.0.0.1:53"),
    ]
  )
  func ownAddresses(resolv: String, listener: String, asked: String?) throws {
    let own = OwnAddresses(
      listeners: [try #require(SocketAddress(listener))],
      local: [try #require(IPAddress("10.0.0.5"))]
    )
    var harness = try ForwardHarness(resolv, own: own)
    try harness.ask("www.example.com", edns: EDNS())
    #expect(harness.sent?.to.description == asked)
    if asked == nil {
      #expect(try harness.replies()[1]?.lines[1].hasSuffix("only resolver is this server itself") == true)
    }
  }

  @Test("start at any server where the configuration says so")
  func rotates() throws {
    var harness = try ForwardHarness("nameserver 192.0.2.1\nnameserver 192.0.2.2\noptions rotate\n")
    var first: Set<String> = []
    for index in 0..<50 {
      try harness.ask("n\(index).example.com")
      first.insert(try #require(harness.sent).to.description)
    }
    #expect(first.count == 2)
  }
}
