internal import Journal
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor
internal import Synchronization
internal import Telemetry

/// Turns what workers post into journal entries, on a thread of its own: formatting, asking the kernel who connected,
/// and a slow journald cost the path nothing.
final class Recorder: @unchecked Sendable {
  // @unchecked: `attribution` and `unresolved` are used by the recorder's own thread only; everything else is Sendable.
  /// Milliseconds between two looks at the rings while there is traffic.
  private static let nap_ms: Int32 = 50
  /// Lookups that found the user but not the program, kept to be tried again while the connection lives: on a busy host
  /// the process finder may be late.
  private static let retriesKept = 32
  /// Programs remembered: one a connection that the descriptor limit of a usual host allows.
  private static let programsKept = 20_000
  /// Tries altogether, one a nap.
  private static let tries = 5

  /// Milliseconds between two looks whether a summary of drops is due.
  private static let summary_ms: Int32 = 1000

  /// Events taken from one ring before the next gets its turn.
  private static let batch = 256

  let outboxes: [Outbox]
  private let bell: RecorderBell
  let journal: JournalLog
  private let attribution: FlowAttribution
  let origin: String
  /// What identities are called in events.
  let identities: IdentityBook
  /// What whoever taps is shown.
  let tap: Tap
  /// The programs behind connections that are open, as far as they were looked up.
  private let programs = Mutex<[ConnectionID: ProcessReport]>([:])
  /// The recorder's own thread only, as `attribution`.
  private var notedDrops: UInt64 = 0
  private var unresolved: [(event: PathEvent, triesLeft: Int)] = []
  private let attributions = Mutex<FlowAttribution.Counts>(FlowAttribution.Counts())
  /// The policy tables that verdicts refer to; the control thread adds, the recorder looks up.
  private let tables: Mutex<[(version: UInt32, table: PolicyTable)]>
  /// The tables that requests refer to, likewise.
  private let names = Mutex<[(version: UInt32, names: any RequestNaming)]>([])
  private let isStopping = Atomic<Bool>(false)

  /// Tables kept: verdicts in the rings are at most moments old.
  private static let tablesKept = 8

  init(
    outboxes: [Outbox],
    bell: RecorderBell,
    journal: JournalLog,
    attribution: FlowAttribution,
    tap: Tap,
    origin: String
  ) {
    self.outboxes = outboxes
    identities = outboxes.first?.identities ?? IdentityBook()
    self.bell = bell
    self.journal = journal
    self.attribution = attribution
    self.tap = tap
    self.origin = origin
    tables = Mutex([])
  }

  /// From now on verdicts of `version` are named by `table`.
  func know(_ table: PolicyTable, version: UInt32) {
    tables.withLock {
      // The same number again where only endpoints changed: it is the newer one that is in force.
      $0.removeAll { $0.version == version }
      $0.append((version, table))
      if $0.count > Self.tablesKept { $0.removeFirst() }
    }
  }

  /// From now on the numbers in requests of `version` are named by `fresh`.
  func know(_ fresh: any RequestNaming, version: UInt32) {
    names.withLock {
      $0.removeAll { $0.version == version }
      $0.append((version, fresh))
      if $0.count > Self.tablesKept { $0.removeFirst() }
    }
  }

  /// The program behind a connection that is open; nil where it was not looked up or not found.
  func process(of id: ConnectionID) -> ProcessReport? { programs.withLock { $0[id] } }

  /// What became of the entries and lookups so far, for metrics.
  func fill(_ figures: inout ProxyFigures) {
    let found = attributions.withLock { $0 }
    figures.attributionFound = found.found
    figures.attributionMissed = found.missed
    figures.attributionSkipped = found.skipped + outboxes.reduce(0) { $0 + $1.skipped }
    let written = journal.counts
    figures.journalSent = written.sink.journal
    figures.journalLines = written.sink.lines
    figures.journalDropped = written.sink.dropped + dropped
    figures.journalRateLimited = written.rateLimited
    figures.requestsUnsampled = outboxes.reduce(0) { $0 + $1.unsampled }
  }

  func status(mode: String) -> JournalStatus {
    let written = journal.counts
    return JournalStatus(
      mode: mode,
      sent: written.sink.journal + written.sink.lines,
      dropped: written.sink.dropped + dropped,
      rateLimited: written.rateLimited
    )
  }

  /// Events that found a ring full.
  private var dropped: UInt64 { outboxes.reduce(0) { $0 + $1.dropped } }

  /// Asks the thread to write what is left and return.
  func stop() {
    isStopping.store(true, ordering: .releasing)
    bell.ring()
  }

  func run() {
    while true {
      let stopping = isStopping.load(ordering: .acquiring)
      if drain() > 0 || !unresolved.isEmpty {
        _ = bell.signal.descriptor.waitReadable(timeout_ms: Self.nap_ms)
      } else {
        if stopping {
          _ = journal.summarizeDrops(finally: true)
          return
        }
        bell.noteAsleep()
        if outboxes.allSatisfy({ $0.isEmpty }), !isStopping.load(ordering: .acquiring) {
          // Entries that were dropped are summed up even where no further one comes.
          _ = bell.signal.descriptor.waitReadable(timeout_ms: journal.summarizeDrops() ? Self.summary_ms : -1)
        }
        bell.noteAwake()
      }
      bell.signal.clear()
    }
  }

  /// Takes what the rings hold and returns how much that was.
  func drain() -> Int {
    tryAgain()
    noteRingDrops()
    tap.forgetIfUnasked(now_ns: Clock.monotonic_ns())
    var taken = 0
    for outbox in outboxes {
      // First who connected, then the requests, which name that program, then the ends, as a reader of the journal expects
      // it. Requests that ended with a connection were posted before its end, so all of them are taken by then.
      var ended: [PathEvent] = []
      var left = Self.batch
      while left > 0, let event = outbox.ring.pop() {
        left -= 1
        taken += 1
        switch event.kind {
        case .opened: identify(event)
        case .exhausted: writeExhausted(event)
        case .closed: ended.append(event)
        }
      }
      var peersLeft = Self.batch
      while peersLeft > 0, let note = outbox.peers.pop() {
        peersLeft -= 1
        taken += 1
        write(note.take())
      }
      while let note = outbox.servers.pop() {
        taken += 1
        write(note.take())
      }
      taken += drainRequests(of: outbox)
      for event in ended { handle(ended: event) }
    }
    return taken
  }

  private func handle(ended event: PathEvent) {
    // A refused client is held by its last descriptor until here, so that the kernel can still tell who it was.
    if event.held >= 0 {
      if event.duration_ns == 0 { identify(event) }
      _ = FileDescriptor(owning: event.held)
    }
    write(event, programs.withLock { $0.removeValue(forKey: event.id) })
    event.hello?.deallocate()
  }

  private func writeExhausted(_ event: PathEvent) {
    journal.write(EventKind.descriptorsExhausted.importance) { entry in
      entry.start(.descriptorsExhausted)
      entry.open("MESSAGE")
      entry.write("accepting pauses: ")
      entry.write(event.bytesSent)
      entry.write(
        " connections of one worker use up the descriptor limit; those open go on, new ones wait in the kernel"
      )
      entry.close()
      if event.code != 0 { entry.append("ERRNO", event.code) }
      entry.append("WEFT_PROXY", origin)
    }
  }

  private func identify(_ event: PathEvent, triesLeft: Int = tries) {
    let program = attribution.identify(
      source: event.source,
      destination: event.destination,
      now_ns: Clock.monotonic_ns()
    )
    attributions.withLock { $0 = attribution.counts }
    guard let program else { return }
    programs.withLock {
      // Ends that found a ring full were never seen here: rather forget all than grow for ever.
      if $0.count >= Self.programsKept { $0.removeAll() }
      $0[event.id] = program
    }
    if program.pid == nil, attribution.limitation == nil, triesLeft > 1, unresolved.count < Self.retriesKept {
      unresolved.append((event, triesLeft - 1))
    }
  }

  /// What found a ring full belongs into the same summary as what the journal could not take.
  private func noteRingDrops() {
    let now = dropped
    guard now > notedDrops else { return }
    journal.note(dropped: now - notedDrops)
    notedDrops = now
  }

  private func tryAgain() {
    let waiting = unresolved
    unresolved.removeAll(keepingCapacity: true)
    for (event, triesLeft) in waiting where programs.withLock({ $0[event.id] != nil }) {
      identify(event, triesLeft: triesLeft)
    }
  }

  private func write(_ event: PathEvent, _ program: ProcessReport?) {
    let kind = event.eventKind
    let table = table(event.policyVersion)
    journal.write(kind.importance) { entry in
      entry.start(kind)
      entry.append(
        event,
        verdict: decisive(event, table),
        service: event.servicePort < 0 ? nil : names(event.policyVersion)?.service(event.servicePort),
        route: event.rule < 0 ? nil : names(event.policyVersion)?.route(event.rule)
      )
      if let words = ProofWords(event.proof, event.direction, identities) { entry.append(words) }
      if let program { entry.append(program) }
      entry.append("WEFT_PROXY", origin)
      entry.append("WEFT_CONFIG_VERSION", table?.snapshot?.revision ?? "none")
    }
  }

  /// Of what was decided, what the connection's end came of.
  private func decisive(_ event: PathEvent, _ table: PolicyTable?) -> VerdictDescription? {
    let names = names(event.policyVersion)
    if let entry = event.entry, !entry.isAllowed { return names?.describe(entry) }
    return event.requestVerdict.flatMap { names?.describe($0).description }
      ?? event.verdict.flatMap { table?.describe($0) }
  }

  func table(_ version: UInt32) -> PolicyTable? {
    tables.withLock { known in known.last { $0.version == version }?.table }
  }

  func names(_ version: UInt32) -> (any RequestNaming)? {
    names.withLock { known in known.last { $0.version == version }?.names }
  }

  /// A verdict in words, by the table that made it.
  func describe(_ verdict: Verdict, version: UInt32) -> VerdictDescription? { table(version)?.describe(verdict) }
}
