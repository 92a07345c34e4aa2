/// The agent's name server: the bytes of a query in, what to do with it out.
public struct NameServer: Sendable {
  /// The names it answers for.
  public let zone: Zone
  /// What it did so far.
  public private(set) var counts = NameServerCounts()

  /// A server of `zone`.
  public init(_ zone: Zone) { self.zone = zone }

  /// What to do with a message.
  public enum Outcome: Hashable, Sendable {
    /// Send this back.
    case reply([UInt8])
    /// Send this back, which says that the message is not served, and why in the code.
    case refuse([UInt8], DNSFault)
    /// Ask others, by `ForwardTable`.
    case forward(ForwardQuery)
    /// Send nothing.
    case drop(DNSFault)
  }

  /// Takes a message that came by `transport`. `rotation` is a random number, which need not be secret.
  public mutating func receive(
    _ bytes: [UInt8],
    by transport: DNSTransport,
    from table: NameTable,
    rotation: UInt64
  ) -> Outcome {
    let outcome = outcome(bytes, transport, table, rotation)
    counts.count(outcome)
    return outcome
  }

  private func outcome(
    _ bytes: [UInt8],
    _ transport: DNSTransport,
    _ table: NameTable,
    _ rotation: UInt64
  ) -> Outcome {
    guard let header = MessageHeader(bytes) else { return .drop(.shortHeader) }
    guard !header.isResponse else { return .drop(.response) }
    var reply = Message(header.response())
    func refuse(_ code: ResponseCode, _ fault: DNSFault) -> Outcome {
      if reply.edns != nil {
        reply.edns?.options = [ExtendedError(ExtendedError.other, fault.description).option]
      }
      reply.responseCode = code
      return .refuse(reply.encode(limit: DNSLimit.plainUDPBytes), fault)
    }
    guard header.opcode == MessageHeader.queryOpcode else { return refuse(.notImplemented, .opcode) }
    let query: Message
    do throws(DNSFault) { query = try Message(bytes) } catch { return refuse(.formatError, error) }
    reply.edns = query.edns?.response()
    guard query.questions.count == 1, let question = query.questions.first else {
      return refuse(.formatError, .questionCount)
    }
    reply.questions = [question]
    guard query.answers.isEmpty, query.authorities.isEmpty || question.type == .ixfr else {
      return refuse(.formatError, .queryWithRecords)
    }
    guard query.edns?.version ?? 0 == 0 else { return refuse(.badVersion, .ednsVersion) }
    let limit = Self.limit(query.edns, transport)
    switch zone.answer(question, from: table, rotation: rotation) {
    case .forward: return .forward(ForwardQuery(query, question, by: transport, limit: limit))
    case .refused(let fault): return refuse(.refused, fault)
    case .records(let answers, let additionals):
      reply.answers = answers
      reply.additionals = additionals
    case .noData(let soa): reply.authorities = [soa]
    case .nameError(let soa, let hint):
      reply.authorities = [soa]
      reply.edns = query.edns?.response(ExtendedError(ExtendedError.other, hint))
      reply.responseCode = .nameError
    }
    reply.header.isAuthoritative = true
    return .reply(reply.encode(limit: limit))
  }

  /// The longest message that the client takes, in bytes.
  private static func limit(_ edns: EDNS?, _ transport: DNSTransport) -> Int {
    guard transport == .udp else { return DNSLimit.messageBytes }
    guard let edns else { return DNSLimit.plainUDPBytes }
    return min(max(Int(edns.udpBytes), DNSLimit.plainUDPBytes), DNSLimit.udpBytes)
  }
}
