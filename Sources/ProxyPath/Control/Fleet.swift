internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor
internal import Telemetry

/// The workers of one proxy, as the control thread sees them: threads, letters, and counts.
final class Fleet {
  private var threads: [ThreadHandle] = []
  private(set) var mailboxes: [Mailbox<WorkerLetter>] = []
  let outboxes: [Outbox]
  let counters: [WorkerCounters]
  /// Numbers for what requests are counted under, the same in all workers.
  let requestSeries = RequestSeriesRegistry()
  /// The same for what connections are counted under.
  let tcpSeries = TCPSeriesRegistry()
  let limiters = RateLimiters()
  /// What TLS to servers outside the mesh is made of.
  let tlsFiles = TLSFiles()
  /// Who the proxy is from its first connection on; nil where the agent is yet to say it.
  var firstIdentity: MeshIdentity?
  /// Where workers ask about what they do not know; nil where the proxy has no agent.
  let inbox: LookupInbox?
  /// The workers' listening sockets, borrowed, for whoever replaces this proxy.
  private(set) var sharedListeners: [(raw: Int32, direction: Direction)] = []

  /// How long all workers together may take to answer a question: they answer within one turn unless they are stuck.
  static let answerTimeout_ms: Int32 = 1000

  private final class ThreadHandle {
    var thread: Thread?
    init(_ thread: consuming Thread) { self.thread = consume thread }
    func join() { thread.take()?.join() }
  }

  init(count: Int, bell: RecorderBell, tap: Tap, inbox: LookupInbox? = nil) {
    self.inbox = inbox
    let identities = IdentityBook()
    outboxes = (0..<count).map { _ in Outbox(bell: bell, tap: tap, identities: identities) }
    counters = (0..<count).map { _ in WorkerCounters() }
  }

  /// Starts one worker; it takes over `listeners`.
  func start(
    _ number: Int,
    epoch: UInt32,
    limits: WorkerLimits,
    listeners: WorkerListeners,
    keeper: Gatekeeper,
    rules: RequestRules
  ) throws(SystemError) {
    let worker = try make(
      number,
      epoch: epoch,
      limits: limits,
      listeners: listeners,
      keeper: keeper,
      rules: rules
    )
    let confined = Confined(worker)
    threads.append(ThreadHandle(try Thread("weft-worker-\(number)") { confined.value.run() }))
  }

  /// Makes one worker, which gets the fleet's letters from now on, for whoever runs it.
  func make(
    _ number: Int,
    epoch: UInt32,
    limits: WorkerLimits,
    listeners: WorkerListeners,
    keeper: Gatekeeper,
    rules: RequestRules
  ) throws(SystemError) -> Worker {
    // The numbers stay valid as long as the worker keeps its listeners: until it is told to retire.
    sharedListeners += listeners.sockets
    let worker = try Worker(
      number: UInt8(truncatingIfNeeded: number),
      epoch: epoch,
      limits: limits,
      listeners: listeners.take(),
      keeper: keeper,
      outbox: outboxes[number],
      counters: counters[number],
      rules: rules,
      limiters: limiters,
      series: requestSeries,
      tcpSeries: tcpSeries,
      inbox: inbox,
      material: tlsFiles.material
    )
    // No letter: it might be read after the first connections.
    if let firstIdentity { worker.adopt(firstIdentity) }
    mailboxes.append(worker.mailbox)
    return worker
  }

  /// Leaves all workers the same letter.
  func tell(_ letter: WorkerLetter) {
    for mailbox in mailboxes { mailbox.send(letter) }
  }

  /// Reads the files that rules name which are to come into force. Workers are told before they get those.
  func tellMaterial(of rules: RequestRules) {
    if tlsFiles.want(rules.table.ownTLS) { tell(.material(tlsFiles.material)) }
  }

  /// Reads what has changed of them.
  func lookAtTLSFiles() -> [TLSFiles.Outcome] {
    let outcomes = tlsFiles.look()
    if !outcomes.isEmpty { tell(.material(tlsFiles.material)) }
    return outcomes
  }

  /// What is open now; nil where a worker did not answer in time.
  func survey(limit: Int, only: ConnectionID? = nil) -> ConnectionAnswer? {
    let question = ConnectionQuestion(limitPerWorker: limit, only: only)
    guard let survey = try? ConnectionSurvey(question, workers: mailboxes.count) else { return nil }
    tell(.report(survey))
    return survey.wait(timeout_ms: Self.answerTimeout_ms).map { answers in
      ConnectionAnswer(
        connections: answers.flatMap(\.connections),
        isTruncated: answers.contains { $0.isTruncated }
      )
    }
  }

  /// What each worker knows of the first thousand of these endpoints; nil where one did not answer in time.
  func survey(endpoints: [SocketAddress]) -> [[EndpointView]]? {
    let asked = Array(endpoints.prefix(EndpointSurveyLimit.endpoints))
    guard let survey = try? EndpointSurvey(asked, workers: mailboxes.count) else { return nil }
    tell(.reportEndpoints(survey))
    return survey.wait(timeout_ms: Self.answerTimeout_ms)
  }

  /// Who has talked with whom; nil where a worker did not answer in time.
  func surveyEdges() -> EdgeAnswer? {
    guard let survey = try? EdgeSurvey((), workers: mailboxes.count) else { return nil }
    tell(.reportEdges(survey))
    return survey.wait(timeout_ms: Self.answerTimeout_ms).map(EdgeAnswer.sum)
  }

  /// Connections to and from other proxies, of each worker up to `limit`; nil where one did not answer in time.
  func surveyPeers(limit: Int) -> PeerAnswer? {
    guard let survey = try? PeerSurvey(limit, workers: mailboxes.count) else { return nil }
    tell(.reportPeers(survey))
    return survey.wait(timeout_ms: Self.answerTimeout_ms).map { answers in
      PeerAnswer(peers: answers.flatMap(\.peers), isTruncated: answers.contains { $0.isTruncated })
    }
  }

  /// Connections open in all workers.
  var openConnections: UInt64 {
    counters.reduce(0) { $0 + $1.openConnections }
  }

  /// Whether no worker accepts any more.
  var hasRetired: Bool { counters.allSatisfy(\.isRetired) }

  /// Ends all workers; what is open is reset.
  func stopAndJoin() {
    tell(.stop)
    for thread in threads { thread.join() }
    threads = []
  }
}

/// Carries a value that is not Sendable to the one thread that will use it.
private struct Confined<Value>: @unchecked Sendable {
  // @unchecked: the maker gives it up by starting the thread.
  let value: Value
  init(_ value: Value) { self.value = value }
}
