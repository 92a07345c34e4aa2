/// A query of a client that others are to answer, with what of it goes on to them.
public struct ForwardQuery: Hashable, Sendable {
  /// What is asked for.
  public let question: Question
  /// The client's id, by which it knows the answer.
  public let id: UInt16
  /// RD, AD and CD as the client set them.
  let flags: UInt16
  /// Whether the client has signatures in mind; nil where it knows no EDNS.
  let wantsSignatures: Bool?
  /// How the client came. It is asked the same way, since a long answer is long there too.
  public internal(set) var transport: DNSTransport
  /// The longest answer that the client takes, in bytes.
  let limit: Int
  /// Whether an answer that does not fit a datagram is asked for by TCP here; else the client is told, and does so itself.
  let goesOnByTCP: Bool

  private static let passedFlags: UInt16 = 0x0130

  init(_ message: Message, _ question: Question, by transport: DNSTransport, limit: Int, goesOnByTCP: Bool = false) {
    self.question = question
    id = message.header.id
    flags = message.header.flags & Self.passedFlags
    wantsSignatures = message.edns?.wantsSignatures
    self.transport = transport
    self.limit = limit
    self.goesOnByTCP = goesOnByTCP
  }

  /// The query that goes on, with an id of ours. EDNS is for one hop (RFC 6891 section 7): options of the client's stay
  /// here.
  func message(id: UInt16) -> [UInt8] {
    let edns = wantsSignatures.map { EDNS(wantsSignatures: $0) }
    return Message(MessageHeader(id: id, flags: flags), questions: [question], edns: edns).encode()
  }

  /// An answer to the client that others could not be asked, or did not answer.
  func failure(_ error: ExtendedError) -> [UInt8] {
    var reply = response()
    reply.edns = wantsSignatures.map { EDNS(wantsSignatures: $0).response(error) }
    reply.responseCode = .serverFailure
    return reply.encode(limit: limit)
  }

  /// What others answered, in at most as many bytes as the client takes. `answer` is a message to this question.
  func reply(_ answer: [UInt8]) -> [UInt8] {
    guard answer.count <= limit, let header = MessageHeader(answer) else {
      var reply = response()
      reply.edns = wantsSignatures.map { EDNS(wantsSignatures: $0) }
      reply.header.isTruncated = true
      return reply.encode(limit: limit)
    }
    var passed = answer
    passed[0] = UInt8(id >> 8)
    passed[1] = UInt8(truncatingIfNeeded: id)
    // Whoever answered, we are not the authority; and we do ask others.
    var flags = header
    flags.isAuthoritative = false
    flags.isRecursionAvailable = true
    passed[2] = UInt8(flags.flags >> 8)
    passed[3] = UInt8(truncatingIfNeeded: flags.flags)
    // The client's own letters, which another client's may have been sent for.
    let name = question.name.bytes
    if passed.count >= DNSLimit.headerBytes + name.count {
      passed.replaceSubrange(DNSLimit.headerBytes..<DNSLimit.headerBytes + name.count, with: name)
    }
    return passed
  }

  private func response() -> Message {
    Message(MessageHeader(id: id, flags: flags).response(), questions: [question])
  }
}
