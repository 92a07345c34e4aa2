import DNS
import MeshModel
import Testing
import WeftTestKit

/// A table and what it is fed with.
struct ForwardHarness {
  var table: ForwardTable
  var random: SplitMix64
  var actions: [ForwardTable.Action] = []
  private var server: NameServer
  var now_ms: UInt64 = 1_000

  /// A server that listens where most do.
  static let loopback = OwnAddresses(listeners: [SocketAddress(IPAddress(v4: 0x7f00_0001), port: 53)])

  init(_ resolv: String, own: OwnAddresses = Self.loopback, seed: UInt64 = 1) throws {
    table = ForwardTable(ResolverConfiguration(Array(resolv.utf8)), own: own)
    random = SplitMix64(seed: seed)
    server = NameServer(try #require(Zone()))
  }

  mutating func ask(
    _ name: String,
    id: UInt16 = 7,
    client: UInt64 = 1,
    edns: EDNS? = nil,
    of pod: NamesPod = .host,
    by transport: DNSTransport = .udp
  ) throws {
    var header = MessageHeader(id: id)
    header.isRecursionDesired = true
    let query = Message(header, questions: [Question(try #require(DomainName(name)), .a)], edns: edns)
    guard case .forward(let forward) = server.receive(query.encode(), by: transport, from: NameTable(), rotation: 0)
    else {
      Issue.record("\(name) is not forwarded")
      return
    }
    actions = table.start(forward, client: client, of: pod, now_ms: now_ms, using: &random)
  }

  mutating func tick(_ later_ms: UInt64) {
    now_ms += later_ms
    actions = table.tick(now_ms: now_ms, using: &random)
  }

  mutating func receive(_ bytes: [UInt8], from address: SocketAddress, by transport: DNSTransport = .udp) {
    actions = table.receive(bytes, from: address, by: transport, now_ms: now_ms, using: &random)
  }

  mutating func failed(_ id: UInt16) {
    actions = table.failed(id: id, "refused the connection", now_ms: now_ms, using: &random)
  }

  /// The only message that is to be sent.
  var sent: (id: UInt16, bytes: [UInt8], to: SocketAddress)? {
    let all = actions.compactMap { action -> (UInt16, [UInt8], SocketAddress)? in
      if case .send(let id, let bytes, let to, _) = action { (id, bytes, to) } else { nil }
    }
    return all.count == 1 ? all.first : nil
  }

  /// The replies by client.
  func replies() throws -> [UInt64: Message] {
    var replies: [UInt64: Message] = [:]
    for case .reply(let bytes, let client) in actions { replies[client] = try Message(bytes) }
    return replies
  }

  /// An answer to what was sent.
  static func answer(_ query: [UInt8], _ code: ResponseCode = .noError, records: Int = 1, name: String? = nil) throws
    -> [UInt8]
  {
    var message = try Message(query)
    if let name { message.questions[0].name = try #require(DomainName(name)) }
    message.header.isResponse = true
    message.header.isAuthoritative = true
    message.responseCode = code
    let owner = try #require(message.questions.first?.name)
    message.answers = (0..<records).map {
      ResourceRecord(owner, ttl_s: 60, .a(IPAddress(v4: 0xc000_0200 + UInt32($0))))
    }
    return message.encode()
  }
}
