import DNS
import MeshModel
import Testing

@Suite("What a resolver answers about a host")
struct HostAnswerTests {
  private let address = IPAddress(v4: 0xc000_0201)

  private func name(_ text: String) throws -> DomainName { try #require(DomainName(text)) }

  private func answer(
    _ records: [ResourceRecord],
    code: ResponseCode = .noError,
    isTruncated: Bool = false
  ) throws -> HostAnswer {
    let question = Question(try name("api.test"), .a)
    var header = MessageHeader(id: 1)
    header.isResponse = true
    header.isTruncated = isTruncated
    var message = Message(header, questions: [question], answers: records)
    message.responseCode = code
    return HostAnswer(message.encode(), to: question)
  }

  @Test("is its addresses, each once, through other names that it has; the shortest time counts")
  func aliases() throws {
    let records = [
      ResourceRecord(try name("API.test"), ttl_s: 20, .cname(try name("edge.test"))),
      ResourceRecord(try name("edge.test"), ttl_s: 300, .cname(try name("edge-7.test"))),
      ResourceRecord(try name("edge-7.test"), ttl_s: 60, .a(address)),
      ResourceRecord(try name("edge-7.test"), ttl_s: 60, .a(address)),
      ResourceRecord(try name("other.test"), ttl_s: 1, .a(IPAddress(v4: 0xcb00_7142))),
    ]
    #expect(try answer(records) == .addresses([address], ttl_s: 20))
    #expect(try answer(records.reversed()) == .addresses([address], ttl_s: 20), "in any order")
  }

  @Test("is nothing where there is no address, or none that can be dialled, or names that lead in a circle")
  func nothing() throws {
    #expect(try answer([]) == .none)
    #expect(try answer([], code: .nameError) == .none)
    #expect(try answer([ResourceRecord(try name("api.test"), ttl_s: 1, .a(IPAddress(v4: 0)))]) == .none)
    let circle = [
      ResourceRecord(try name("api.test"), ttl_s: 1, .cname(try name("b.test"))),
      ResourceRecord(try name("b.test"), ttl_s: 1, .cname(try name("api.test"))),
    ]
    #expect(try answer(circle) == .none)
  }

  @Test("is a failure where the resolver has one, where it was cut short before an address, and where it is no message")
  func failures() throws {
    #expect(try answer([], code: .serverFailure) == .failed("SERVFAIL"))
    #expect(
      try answer([], isTruncated: true) == .failed("the answer is longer than 1232 bytes, and not to be had by TCP")
    )
    let question = Question(try name("api.test"), .a)
    guard case .failed = HostAnswer([1, 2, 3], to: question) else {
      Issue.record("three bytes are an answer")
      return
    }
  }

  @Test("is asked for with recursion and EDNS, and comes back through the table of questions that wait")
  func asked() throws {
    var random = SystemRandomNumberGenerator()
    let configuration = ResolverConfiguration(Array("nameserver 192.0.2.53\n".utf8))
    var table = ForwardTable(configuration, own: OwnAddresses(listeners: []))
    let question = Question(try name("api.test"), .a)
    let actions = table.start(ForwardQuery(question), client: 5, now_ms: 0, using: &random)
    guard case .send(_, let bytes, let server, .udp)? = actions.first else {
      Issue.record("nothing is sent: \(actions)")
      return
    }
    let asked = try Message(bytes)
    #expect(asked.header.isRecursionDesired && asked.questions == [question] && asked.edns?.udpBytes == 1_232)
    var reply = Message(MessageHeader(id: asked.header.id), questions: [question])
    reply.header.isResponse = true
    reply.answers = [ResourceRecord(question.name, ttl_s: 9, .a(address))]
    let replies = table.receive(reply.encode(), from: server, by: .udp, now_ms: 1, using: &random)
    let found = replies.compactMap { action -> HostAnswer? in
      if case .reply(let bytes, 5) = action { HostAnswer(bytes, to: question) } else { nil }
    }
    #expect(found == [.addresses([address], ttl_s: 9)])
  }
}
