public import MeshModel

/// The questions that were passed on to the host's resolvers, and who waits for them: events in, actions out.
///
/// Equal questions are asked once. That spares the resolvers, makes a forged answer no likelier however often a client
/// asks (RFC 5452 section 5), and ends a loop through another server: what comes back waits for itself.
///
/// The random generator must be the system's where answers can be forged. Each try should leave from a port of its own.
public struct ForwardTable: Sendable {
  /// The servers, without those that are ourselves.
  public let servers: [SocketAddress]
  /// Servers of the configuration that are ourselves, and are never asked.
  public let ownServers: [SocketAddress]
  /// What came of the questions so far.
  public internal(set) var counts = ForwardCounts()

  let attempts: Int
  let try_ms: UInt64
  let question_ms: UInt64
  let rotates: Bool
  var suspectUntil_ms: [UInt64]
  var questions: [ForwardKey: WaitingQuestion] = [:]
  var tries: [UInt16: ForwardTry] = [:]
  var earliest_ms: UInt64?
  /// Who waits.
  var waiting = FairShares(places: ForwardLimit.questions, most: ForwardLimit.questionsOfPod)

  /// A table that asks the servers of `configuration`, but for `own`.
  public init(_ configuration: ResolverConfiguration, own: OwnAddresses) {
    servers = configuration.servers.filter { !own.contains($0) }
    ownServers = configuration.servers.filter(own.contains)
    attempts = configuration.attempts
    try_ms = min(UInt64(configuration.timeout_s) * 1_000, ForwardLimit.try_ms)
    let all_ms = UInt64(configuration.timeout_s * configuration.attempts * max(servers.count, 1)) * 1_000
    question_ms = min(all_ms, ForwardLimit.question_ms)
    rotates = configuration.rotates
    suspectUntil_ms = Array(repeating: 0, count: servers.count)
  }

  /// What its owner is to do.
  public enum Action: Hashable, Sendable {
    /// Send a message to a server, by UDP from a port of its own or by TCP. What comes back goes to `receive`; that it
    /// could not be sent, to `failed`.
    case send(id: UInt16, [UInt8], to: SocketAddress, by: DNSTransport)
    /// The socket of this try can be closed.
    case finished(id: UInt16)
    /// Answer a client.
    case reply([UInt8], to: UInt64)
  }

  /// Questions that wait now.
  public var count: Int { questions.count }

  /// When `tick` is due next, in milliseconds of the caller's clock; it may be that nothing is due then.
  public var nextDue_ms: UInt64? { earliest_ms }

  /// Passes a question on. `client` is what `Action.reply` names the client by, which is a program of `pod`.
  public mutating func start(
    _ query: ForwardQuery,
    client: UInt64,
    of pod: NamesPod = .host,
    now_ms: UInt64,
    using random: inout some RandomNumberGenerator
  ) -> [Action] {
    let key = ForwardKey(query)
    let waiter = WaitingQuestion.Waiter(client: client, pod: pod, query: query)
    // A client that asks again stands there once.
    if questions[key]?.waiters.contains(where: { $0.client == client && $0.query.id == query.id }) == true { return [] }
    guard waiting.hasRoom(for: pod) else {
      counts.refused += 1
      let whose = pod == .host ? "" : " of this pod's"
      let text = "too many questions\(whose) wait for the resolvers"
      return refuse(query, client, ExtendedError(ExtendedError.notReady, text))
    }
    if questions[key] != nil {
      questions[key]?.waiters.append(waiter)
      waiting.take(pod)
      counts.joined += 1
      return []
    }
    guard !servers.isEmpty else {
      let text = ownServers.isEmpty ? "the host has no resolver" : "the host's only resolver is this server itself"
      return refuse(query, client, ExtendedError(ExtendedError.noReachableAuthority, text))
    }
    questions[key] = WaitingQuestion(waiter, order: order(now_ms, &random), started_ms: now_ms)
    waiting.take(pod)
    return advance(key, now_ms, &random)
  }

  /// Asks the next server where one did not answer in time, and gives up where there is none.
  public mutating func tick(now_ms: UInt64, using random: inout some RandomNumberGenerator) -> [Action] {
    guard let earliest_ms, now_ms >= earliest_ms else { return [] }
    let due = questions.filter { $0.value.due_ms <= now_ms }
      .sorted { ($0.value.due_ms, $0.value.started_ms) < ($1.value.due_ms, $1.value.started_ms) }
    var actions: [Action] = []
    for (key, question) in due {
      if let server = question.asked.last.flatMap({ tries[$0]?.server }) { suspect(server, now_ms) }
      actions += advance(key, now_ms, &random)
    }
    self.earliest_ms = questions.values.map(\.due_ms).min()
    return actions
  }

  private mutating func refuse(_ query: ForwardQuery, _ client: UInt64, _ error: ExtendedError) -> [Action] {
    counts.failed += 1
    return [.reply(query.failure(error), to: client)]
  }

  /// The servers in the order to ask: as configured, or from a random one on; those that did not answer lately last.
  private func order(_ now_ms: UInt64, _ random: inout some RandomNumberGenerator) -> [Int] {
    let start = rotates ? Int.random(in: 0..<servers.count, using: &random) : 0
    let all = (0..<servers.count).map { ($0 + start) % servers.count }
    return all.filter { suspectUntil_ms[$0] <= now_ms } + all.filter { suspectUntil_ms[$0] > now_ms }
  }
}
