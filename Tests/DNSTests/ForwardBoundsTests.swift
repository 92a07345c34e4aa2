import DNS
import MeshModel
import Testing
import WeftTestKit

@Suite("Questions to others and their tries")
struct ForwardBoundsTests {
  @Test("are bounded for each pod, whose flood leaves places to the others, and are all given back")
  func bounds() throws {
    var harness = try ForwardHarness("nameserver 192.0.2.1\n")
    var client: UInt64 = 0
    var asked: [NamesPod: Int] = [:]
    for number in UInt64(1)...20 {
      let pod = NamesPod(number)
      // Half of them ask for something of their own, half for what one other asks for.
      for index in 0..<ForwardLimit.questionsOfPod + 1 {
        client += 1
        try harness.ask("n\(index).\(number.isMultiple(of: 2) ? number : 0).example.com", client: client, of: pod)
        if try harness.replies().isEmpty { asked[pod, default: 0] += 1 }
      }
      try harness.ask("more.example.com", client: 9_999_999, edns: EDNS(), of: pod)
      let reply = try #require(try harness.replies()[9_999_999])
      #expect(reply.lines[1].contains("too many questions of this pod's wait for the resolvers"))
    }
    #expect(asked[NamesPod(1)] == ForwardLimit.questionsOfPod)
    #expect(asked.values.reduce(0, +) <= ForwardLimit.questions)
    #expect(harness.table.counts.refused == client + 20 - UInt64(asked.values.reduce(0, +)))
    #expect(harness.table.counts.failed == harness.table.counts.refused)
    for _ in 0..<2 { harness.tick(ForwardLimit.question_ms) }
    #expect(harness.table.count == 0)
    for index in 0..<ForwardLimit.questionsOfPod { try harness.ask("again\(index).example.com", client: UInt64(index)) }
    #expect(harness.table.count == ForwardLimit.questionsOfPod)
  }

  @Test("wait for two servers at a time, and the one that was asked before them is not listened to any more")
  func tries() throws {
    var harness = try ForwardHarness("nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n")
    try harness.ask("www.example.com")
    let first = try #require(harness.sent)
    harness.tick(ForwardLimit.try_ms)
    let second = try #require(harness.sent)
    #expect(!harness.actions.contains(.finished(id: first.id)))
    harness.tick(ForwardLimit.try_ms)
    #expect(harness.sent?.to.description == "192.0.2.3:53" && harness.actions.first == .finished(id: first.id))
    harness.receive(try ForwardHarness.answer(first.bytes), from: first.to)
    #expect(try harness.replies().isEmpty && harness.table.counts.unmatched == 1)
    harness.receive(try ForwardHarness.answer(second.bytes), from: second.to)
    #expect(try harness.replies().count == 1 && harness.table.count == 0)
  }

  @Test("end all, and every try is finished once, whatever happens", arguments: 0..<20 as Range<UInt64>)
  func sweep(seed: UInt64) throws {
    var harness = try ForwardHarness("nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n", seed: seed)
    var dice = SplitMix64(seed: seed &+ 99)
    var open: [UInt16: ([UInt8], SocketAddress)] = [:]
    var owed = 0
    func take(_ actions: [ForwardTable.Action]) {
      for action in actions {
        switch action {
        case .send(let id, let bytes, let to, _):
          #expect(open[id] == nil)
          open[id] = (bytes, to)
        case .finished(let id): #expect(open.removeValue(forKey: id) != nil)
        case .reply: owed -= 1
        }
      }
    }
    for round in 0..<400 {
      switch UInt8.random(in: 0..<6, using: &dice) {
      case 0, 1:
        try harness.ask("n\(UInt8.random(in: 0..<20, using: &dice)).example.com", client: UInt64(round))
        owed += 1
      case 2: harness.tick(UInt64.random(in: 0...1_500, using: &dice))
      case 3:
        guard let (id, _) = open.randomElement(using: &dice) else { continue }
        harness.failed(id)
      default:
        guard let (_, sent) = open.randomElement(using: &dice) else { continue }
        let code: ResponseCode = Bool.random(using: &dice) ? .noError : .serverFailure
        harness.receive(
          dice.next() % 3 == 0 ? dice.mutated(sent.0) : try ForwardHarness.answer(sent.0, code),
          from: sent.1
        )
      }
      take(harness.actions)
    }
    while harness.table.nextDue_ms != nil {
      harness.tick(1_000)
      take(harness.actions)
    }
    #expect(owed == 0 && open.isEmpty && harness.table.count == 0)
  }
}
