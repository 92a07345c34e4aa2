/// Answers that did not fit a datagram (TC, RFC 1035 section 4.1.1). A client of ours is told so, and comes back by TCP itself; what
/// we ask on our own account is asked again by TCP (RFC 7766 section 5).
extension ForwardTable {
  /// Asks the server that cut its answer short again, by TCP, and the others after it where that fails; the question has its whole
  /// time once more. `answer` is what there is where nobody gives more.
  mutating func askByTCP(
    _ question: WaitingQuestion,
    _ server: Int,
    _ answer: [UInt8],
    _ now_ms: UInt64,
    _ random: inout some RandomNumberGenerator
  ) -> [Action] {
    let waiters = question.waiters.map {
      WaitingQuestion.Waiter(client: $0.client, pod: $0.pod, query: $0.query.byTCP)
    }
    guard let first = waiters.first else { return [] }
    let key = ForwardKey(first.query)
    for waiter in waiters { waiting.take(waiter.pod) }
    // The same name in other letters may have come so far already.
    if questions[key] != nil {
      questions[key]?.waiters += waiters
      return []
    }
    let order = [server] + question.order.filter { $0 != server }
    var again = WaitingQuestion(first, order: order, started_ms: now_ms)
    again.waiters = waiters
    again.cutAnswer = answer
    questions[key] = again
    counts.truncated += 1
    return advance(key, now_ms, &random)
  }
}

extension ForwardQuery {
  /// The same by TCP.
  fileprivate var byTCP: ForwardQuery {
    var query = self
    query.transport = .tcp
    return query
  }
}
