/// What makes two queries one question to others: all that is sent but for the id, and what becomes of an answer that is cut.
struct ForwardKey: Hashable, Sendable {
  let question: Question
  let flags: UInt16
  let wantsSignatures: Bool?
  let transport: DNSTransport
  let goesOnByTCP: Bool

  init(_ query: ForwardQuery) {
    question = query.question
    flags = query.flags
    wantsSignatures = query.wantsSignatures
    transport = query.transport
    goesOnByTCP = query.goesOnByTCP
  }
}

/// A question that others were asked.
struct WaitingQuestion: Sendable {
  struct Waiter: Sendable {
    let client: UInt64
    let pod: NamesPod
    let query: ForwardQuery
  }

  var waiters: [Waiter]
  /// The servers in the order to ask.
  let order: [Int]
  let started_ms: UInt64
  /// How many were asked.
  var tries = 0
  /// The ids of tries that may still be answered; the latest is the last.
  var asked: [UInt16] = []
  var due_ms: UInt64 = 0
  /// What the last server that failed did.
  var failure: String?
  /// An answer that was cut short, which is better than none.
  var cutAnswer: [UInt8]?

  init(_ waiter: Waiter, order: [Int], started_ms: UInt64) {
    waiters = [waiter]
    self.order = order
    self.started_ms = started_ms
  }
}

/// One message to one server.
struct ForwardTry: Sendable {
  let key: ForwardKey
  /// The server's index.
  let server: Int
}
