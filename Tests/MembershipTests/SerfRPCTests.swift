import MeshModel
import Testing
import WeftTestKit

@testable import Membership

@Suite("Serf's RPC")
struct SerfRPCTests {
  static func header(_ number: Int64, _ error: String = "") -> [UInt8] {
    MessagePack.record(["Seq": .integer(number), "Error": .text(error)]).encoded
  }

  static func member(_ name: String, status: String = "alive", tags: MessagePack = .record(["fp": .text("x")]))
    -> MessagePack
  {
    .record([
      "Name": .text(name), "Addr": .bytes([127, 0, 0, 1]), "Port": .integer(7946), "Tags": tags,
      "Status": .text(status),
      "ProtocolMin": .integer(2), "ProtocolMax": .integer(5), "ProtocolCur": .integer(5),
    ])
  }

  static let stats = MessagePack.record([
    "agent": .record(["name": .text("a")]),
    "serf": .record(["members": .text("3"), "failed": .text("1"), "left": .text("0"), "member_time": .text("12")]),
  ]).encoded

  /// A session: what is asked, what Serf says, and what comes of it.
  static let session: [UInt8] =
    header(1) + header(2) + header(3) + header(4) + stats + header(3)
    + MessagePack.record(["Event": .text("member-failed"), "Members": .array([member("b", status: "failed")])]).encoded
    + header(5) + MessagePack.record(["Members": .array([member("a"), member("b", status: "failed")])]).encoded
    + header(6, "no luck") + MessagePack.record(["Num": .integer(0)]).encoded
    + header(7) + MessagePack.record(["Num": .integer(2)]).encoded

  static func asked() throws -> SerfRPC {
    var rpc = SerfRPC()
    for request in [.handshake, .authenticate("k"), .stream, .stats, .members, .join(["x"]), .join(["y"])]
      as [SerfRequest]
    {
      _ = try rpc.send(request)
    }
    return rpc
  }

  @Test("requests are a header with a number and a body, in Serf's words")
  func requests() throws {
    var rpc = SerfRPC()
    let (first, bytes) = try rpc.send(.handshake)
    #expect(first == 1)
    #expect(
      bytes == MessagePack.record(["Command": .text("handshake"), "Seq": .integer(1)]).encoded
        + MessagePack.record(["Version": .integer(1)]).encoded
    )
    let (second, more) = try rpc.send(.members)
    #expect(second == 2 && more == MessagePack.record(["Command": .text("members"), "Seq": .integer(2)]).encoded)
    #expect(SerfRequest.join(["127.0.0.1:7946"]).body?["Existing"] == .array([.text("127.0.0.1:7946")]))
    #expect(SerfRequest.setTags(["b": "2", "a": "1"]).body?["Tags"] == .record(["a": .text("1"), "b": .text("2")]))
    #expect(SerfRequest.forceLeave("h").body?["Node"] == .text("h"))
  }

  @Test(
    "answers, refusals and events are told apart, in any pieces the bytes come in",
    arguments: [1, 2, 7, 64, 100_000]
  )
  func answers(piece: Int) throws {
    var rpc = try Self.asked()
    var outputs: [SerfRPC.Output] = []
    for start in stride(from: 0, to: Self.session.count, by: piece) {
      outputs += try rpc.receive(Self.session[start..<min(start + piece, Self.session.count)])
    }
    let address = SocketAddress("127.0.0.1:7946")
    let a = SerfMember(name: "a", address: address, tags: ["fp": "x"], status: .alive)
    let b = SerfMember(name: "b", address: address, tags: ["fp": "x"], status: .failed)
    try #require(outputs.count == 8)
    #expect(outputs[0] == .answer(1, .done) && outputs[1] == .answer(2, .done) && outputs[2] == .answer(3, .done))
    guard case .answer(4, .stats(let stats)) = outputs[3], case .event(let event) = outputs[4] else {
      Issue.record("\(outputs)")
      return
    }
    #expect(stats.members == 3 && stats.failed == 1 && stats.left == 0 && stats.memberTime == 12)
    #expect(event.kind == .failed && event.members == [b])
    #expect(outputs[5] == .answer(5, .members([a, b])))
    #expect(outputs[6] == .refusal(6, "no luck") && outputs[7] == .answer(7, .joined(2)))
    #expect(rpc.waiting == 0)
  }

  @Test("a refusal before the handshake has no body, even where an answer has")
  func bareRefusals() throws {
    var rpc = SerfRPC()
    _ = try rpc.send(.members)
    _ = try rpc.send(.handshake)
    let outputs = try rpc.receive(Self.header(1, "Authentication required") + Self.header(2))
    #expect(outputs == [.refusal(1, "Authentication required"), .answer(2, .done)])
  }

  @Test("what answers nothing that was asked ends the connection")
  func strangers() throws {
    for bytes in [
      Self.header(9), Self.header(1), MessagePack.integer(1).encoded, MessagePack.record(["Seq": .integer(1)]).encoded,
      [0xc1],
    ] {
      var rpc = SerfRPC()
      #expect(throws: SerfRPCError.self) { try rpc.receive(bytes) }
    }
    var rpc = SerfRPC()
    _ = try rpc.send(.members)
    #expect(throws: SerfRPCError.self) {
      try rpc.receive(Self.header(1) + MessagePack.record(["Num": .integer(1)]).encoded)
    }
  }

  @Test("a refused stream has no events")
  func refusedStream() throws {
    var rpc = SerfRPC()
    _ = try rpc.send(.stream)
    #expect(try rpc.receive(Self.header(1, "Invalid event filter")) == [.refusal(1, "Invalid event filter")])
    #expect(throws: SerfRPCError.self) { try rpc.receive(Self.header(1)) }
  }

  @Test("no more requests wait than there is room for")
  func requestBound() throws {
    var rpc = SerfRPC()
    for _ in 0..<MembershipLimit.requests { _ = try rpc.send(.stats) }
    #expect(throws: SerfRPCError.tooManyRequests) { try rpc.send(.stats) }
  }

  @Test("a member's tags that are no text are left out, and addresses may be of either family")
  func members() throws {
    let tags = MessagePack.map([
      .init(key: .text("a"), value: .text("1")), .init(key: .bytes([0xff]), value: .text("2")),
      .init(key: .text("b"), value: .bytes([0xff])), .init(key: .text("a"), value: .text("3")),
    ])
    var list = try #require(SerfMember.list(.array([Self.member("m", tags: tags), Self.member("n", tags: .null)])))
    #expect(list[0].tags == ["a": "1"] && list[1].tags.isEmpty)
    #expect(IPAddress(network: [UInt8](repeating: 0, count: 15) + [1]) == IPAddress("::1"))
    #expect(IPAddress(network: [1, 2, 3]) == nil)
    list = try #require(SerfMember.list(.null))
    #expect(list.isEmpty && SerfMember.list(.array([.null])) == nil && SerfMember.list(nil) == nil)
  }

  @Test("damaged sessions are refused or read, and never hold more than came: 5,000 seeded mutations")
  func mutations() throws {
    var random = SplitMix64(seed: 82)
    var (refused, read) = (0, 0)
    for _ in 0..<5_000 {
      let bytes = random.mutated(Self.session)
      let cut = Int.random(in: 0...bytes.count, using: &random)
      do {
        var whole = try Self.asked()
        var pieces = whole
        let outputs = try whole.receive(bytes)
        #expect(try pieces.receive(bytes[..<cut]) + pieces.receive(bytes[cut...]) == outputs)
        read += 1
      } catch is SerfRPCError {
        refused += 1
      }
    }
    #expect(refused > 500 && read > 100)
  }
}
