public import MeshModel

extension ForwardTable {
  /// Takes what a server sent. It counts for a try only where id, server, transport and question are that try's
  /// (RFC 5452 section 9.1).
  public mutating func receive(
    _ bytes: [UInt8],
    from server: SocketAddress,
    by transport: DNSTransport,
    now_ms: UInt64,
    using random: inout some RandomNumberGenerator
  ) -> [Action] {
    guard let header = MessageHeader(bytes), let sent = tries[header.id], servers[sent.server] == server,
      sent.key.transport == transport
    else {
      counts.unmatched += 1
      return []
    }
    guard let answer = Self.answer(bytes, header) else {
      counts.malformed += 1
      return []
    }
    // A server that cannot read us may answer with a header alone (RFC 6891 section 7).
    let isBareError = answer.question == nil && answer.code != .noError
    guard isBareError || answer.question == sent.key.question else {
      counts.unmatched += 1
      return []
    }
    suspectUntil_ms[sent.server] = 0
    guard !isBareError, !Self.isFailure(answer.code) else {
      return failed(id: header.id, "answered \(answer.code)", now_ms: now_ms, using: &random)
    }
    guard let question = questions.removeValue(forKey: sent.key) else { return [] }
    let done = finish(question)
    guard header.isTruncated, transport == .udp, sent.key.goesOnByTCP else {
      return done + replies(bytes, to: question.waiters)
    }
    return done + askByTCP(question, sent.server, bytes, now_ms, &random)
  }

  private mutating func replies(_ bytes: [UInt8], to waiters: [WaitingQuestion.Waiter]) -> [Action] {
    counts.answered += UInt64(waiters.count)
    return waiters.map { .reply($0.query.reply(bytes), to: $0.client) }
  }

  /// A try came to nothing: the server could not be reached, or closed the connection. `reason` completes the sentence
  /// that starts with the server's address.
  public mutating func failed(
    id: UInt16,
    _ reason: String,
    now_ms: UInt64,
    using random: inout some RandomNumberGenerator
  ) -> [Action] {
    guard let sent = tries.removeValue(forKey: id), var question = questions[sent.key] else { return [] }
    let isLatest = question.asked.last == id
    question.asked.removeAll { $0 == id }
    question.failure = "\(servers[sent.server]) \(reason)"
    questions[sent.key] = question
    return [.finished(id: id)] + (isLatest ? advance(sent.key, now_ms, &random) : [])
  }

  /// Asks the next server, or answers that none did.
  mutating func advance(
    _ key: ForwardKey,
    _ now_ms: UInt64,
    _ random: inout some RandomNumberGenerator
  ) -> [Action] {
    guard var question = questions[key] else { return [] }
    let end_ms = question.started_ms + question_ms
    guard now_ms < end_ms else { return giveUp(key) }
    guard question.tries < question.order.count * attempts else {
      // All were asked as often as they may be; one that is slow can still answer.
      guard !question.asked.isEmpty else { return giveUp(key) }
      question.due_ms = end_ms
      questions[key] = question
      earliest_ms = min(earliest_ms ?? .max, end_ms)
      return []
    }
    guard let query = question.waiters.first?.query, let id = freeID(&random) else { return giveUp(key) }
    let server = question.order[question.tries % question.order.count]
    question.tries += 1
    question.asked.append(id)
    let over = question.asked.dropLast(ForwardLimit.tries)
    for id in over { tries[id] = nil }
    question.asked.removeFirst(over.count)
    question.due_ms = min(now_ms + try_ms, end_ms)
    questions[key] = question
    tries[id] = ForwardTry(key: key, server: server)
    earliest_ms = min(earliest_ms ?? .max, question.due_ms)
    counts.sent += 1
    return over.map { .finished(id: $0) }
      + [.send(id: id, query.message(id: id), to: servers[server], by: query.transport)]
  }

  /// Answers all who wait that nobody knows; where an answer was cut short, that.
  private mutating func giveUp(_ key: ForwardKey) -> [Action] {
    guard let question = questions.removeValue(forKey: key) else { return [] }
    if let answer = question.cutAnswer {
      let done = finish(question)
      return done + replies(answer, to: question.waiters)
    }
    counts.failed += UInt64(question.waiters.count)
    let asked = Set(question.order.prefix(question.tries)).sorted().map { "\(servers[$0])" }.joined(separator: ", ")
    let error =
      question.failure.map { ExtendedError(ExtendedError.networkError, "no resolver answered; \($0)") }
      ?? ExtendedError(ExtendedError.noReachableAuthority, "no answer in time from \(asked)")
    return finish(question) + question.waiters.map { .reply($0.query.failure(error), to: $0.client) }
  }

  mutating func suspect(_ server: Int, _ now_ms: UInt64) {
    suspectUntil_ms[server] = now_ms + ForwardLimit.suspicion_ms
  }

  /// Forgets the tries of a question that is done.
  private mutating func finish(_ question: WaitingQuestion) -> [Action] {
    for id in question.asked { tries[id] = nil }
    for waiter in question.waiters { waiting.giveBack(waiter.pod) }
    return question.asked.map { .finished(id: $0) }
  }

  private func freeID(_ random: inout some RandomNumberGenerator) -> UInt16? {
    for _ in 0..<ForwardLimit.draws {
      let id = UInt16.random(in: .min ... .max, using: &random)
      if tries[id] == nil { return id }
    }
    return nil
  }

  /// The question and the code of an answer; nil for what is none, or has several questions.
  private static func answer(_ bytes: [UInt8], _ header: MessageHeader) -> (question: Question?, code: ResponseCode)? {
    guard header.isResponse, header.opcode == MessageHeader.queryOpcode else { return nil }
    do throws(DNSFault) {
      let message = try Message(bytes)
      guard message.questions.count <= 1 else { return nil }
      return (message.questions.first, message.responseCode)
    } catch {
      return nil
    }
  }

  /// Codes on which glibc asks the next server too (res_send.c).
  private static func isFailure(_ code: ResponseCode) -> Bool {
    [.serverFailure, .notImplemented, .refused].contains(code)
  }
}
