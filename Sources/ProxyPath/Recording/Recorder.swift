internal import Journal
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor
internal import Synchronization
internal import Telemetry

/// Turns what workers post into journal entries, on a thread of its own: formatting, asking the kernel who connected,
/// and a slow journald cost the path nothing.
final class Recorder: Sendable {
  /// Milliseconds between two looks at the rings while there is traffic.
  private static let nap_ms: Int32 = 50
  /// Events taken from one ring before the next gets its turn.
  private static let batch = 256

  private let outboxes: [Outbox]
  private let bell: RecorderBell
  private let journal: JournalLog
  private let origin: String
  /// The policy tables that verdicts refer to; the control thread adds, the recorder looks up.
  private let tables: Mutex<[(version: UInt32, table: PolicyTable)]>
  private let isStopping = Atomic<Bool>(false)

  /// Tables kept: verdicts in the rings are at most moments old.
  private static let tablesKept = 8

  init(outboxes: [Outbox], bell: RecorderBell, journal: JournalLog, origin: String) {
    self.outboxes = outboxes
    self.bell = bell
    self.journal = journal
    self.origin = origin
    tables = Mutex([])
  }

  /// From now on verdicts of `version` are named by `table`.
  func know(_ table: PolicyTable, version: UInt32) {
    tables.withLock {
      $0.append((version, table))
      if $0.count > Self.tablesKept { $0.removeFirst() }
    }
  }

  /// The program behind a connection that is open; nil where it was not looked up or not found.
  func process(of id: ConnectionID) -> ProcessReport? { nil }

  /// What became of the entries so far, for metrics.
  func fill(_ figures: inout ProxyFigures) {
    figures.attributionSkipped = outboxes.reduce(0) { $0 + $1.skipped }
    figures.journalDropped = outboxes.reduce(0) { $0 + $1.dropped }
  }

  func status(mode: String) -> JournalStatus {
    JournalStatus(
      mode: mode, sent: 0, dropped: outboxes.reduce(0) { $0 + $1.dropped }, rateLimited: 0)
  }

  /// Asks the thread to write what is left and return.
  func stop() {
    isStopping.store(true, ordering: .releasing)
    bell.ring()
  }

  func run() {
    while true {
      let stopping = isStopping.load(ordering: .acquiring)
      if drain() > 0 {
        _ = bell.signal.descriptor.waitReadable(timeout_ms: Self.nap_ms)
      } else {
        if stopping { return }
        bell.noteAsleep()
        if outboxes.allSatisfy({ $0.ring.count == 0 }), !isStopping.load(ordering: .acquiring) {
          _ = bell.signal.descriptor.waitReadable(timeout_ms: -1)
        }
        bell.noteAwake()
      }
      bell.signal.clear()
    }
  }

  private func drain() -> Int {
    var taken = 0
    for outbox in outboxes {
      var left = Self.batch
      while left > 0, let event = outbox.ring.pop() {
        left -= 1
        taken += 1
        handle(event)
      }
    }
    return taken
  }

  private func handle(_ event: PathEvent) {
    switch event.kind {
    case .opened: break
    case .closed:
      write(event)
      event.hello?.deallocate()
    }
  }

  private func write(_ event: PathEvent) {
    let kind = event.eventKind
    journal.write(kind.importance) { entry in
      entry.start(kind)
      entry.append(event, verdict: describe(event))
      entry.append("WEFT_PROXY", origin)
      entry.append("WEFT_CONFIG_VERSION", event.policyVersion)
    }
  }

  private func describe(_ event: PathEvent) -> VerdictDescription? {
    guard let verdict = event.verdict else { return nil }
    let table = tables.withLock { known in known.last { $0.version == event.policyVersion }?.table }
    return table?.describe(verdict)
  }
}
