import DNS
import MeshModel

/// Any bytes as a DNS message: refused, or read as the same once written; cut to any length, still a message; and the
/// name server answers them with a message, if at all, of no more bytes than the client takes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  if let message = read(bytes) {
    let written = message.encode()
    // What was compressed may not fit any more, and what was cut before says so already.
    let isWhole = read(written) == message
    precondition(isWhole || read(written)?.header.isTruncated == true)
    let cut = message.encode(limit: DNSLimit.plainUDPBytes)
    precondition(read(cut) != nil && (cut.count <= DNSLimit.plainUDPBytes || !isModest(message)))
    for name in message.questions.map(\.name) { precondition(DomainName(name.description) == name) }
  }
  guard let zone = Zone(answersClusterLocal: true) else { return 0 }
  var server = NameServer(zone)
  switch server.receive(bytes, by: .udp, from: table, rotation: UInt64(count)) {
  case .reply(let reply):
    precondition(reply.count <= DNSLimit.udpBytes && read(reply)?.header.isResponse == true)
  case .refuse(let reply, _):
    precondition(reply.count <= DNSLimit.plainUDPBytes && read(reply)?.header.isResponse == true)
  case .forward(let query):
    var forwards = ForwardTable(ResolverConfiguration(), own: OwnAddresses(listeners: []))
    var random = SystemRandomNumberGenerator()
    let actions = forwards.start(query, client: 1, now_ms: 0, using: &random)
    guard case .send(_, let sent, let address, let transport) = actions.first, var answer = read(sent) else {
      preconditionFailure("a question of ours is no message")
    }
    answer.header.isResponse = true
    let replies = forwards.receive(answer.encode(), from: address, by: transport, now_ms: 0, using: &random)
    precondition(replies.count == 2 && forwards.count == 0)
  case .drop: break
  }
  // Bytes that a resolver sends: they must not be taken for an answer to what was not asked, nor do harm.
  var forwards = ForwardTable(ResolverConfiguration(bytes), own: OwnAddresses(listeners: []))
  var random = SystemRandomNumberGenerator()
  let server53 = SocketAddress(IPAddress(v4: 0x7f00_0001), port: 53)
  precondition(forwards.receive(bytes, from: server53, by: .udp, now_ms: 0, using: &random).isEmpty)
  return 0
}

/// Whether header, questions and OPT record fit into the smallest message, as those that we write do.
private func isModest(_ message: Message) -> Bool {
  message.questions.count <= 1 && message.edns?.options.isEmpty ?? true
}

private func read(_ bytes: [UInt8]) -> Message? { try? Message(bytes) }

private let table = NameTable(services: [
  Service(
    namespace: "shop",
    name: "web",
    addresses: [IPAddress(v4: 0xf001_0203)],
    ports: [Service.Port(name: "http", port: 80)]
  ),
  Service(
    namespace: "data",
    name: "db",
    ports: [
      Service.Port(name: "sql", port: 1, endpoints: [Endpoint(SocketAddress(IPAddress(v4: 0x0a00_0001), port: 2))])
    ]
  ),
])
