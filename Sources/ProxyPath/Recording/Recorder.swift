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
  // @unchecked: `notedDrops` is used by the recorder's own thread only; everything else is Sendable.
  /// Milliseconds between two looks at the rings while there is traffic.
  private static let nap_ms: Int32 = 50

  /// Milliseconds between two looks whether a summary of drops is due.
  private static let summary_ms: Int32 = 1000

  /// Events taken from one ring before the next gets its turn.
  private static let batch = 256

  let outboxes: [Outbox]
  private let bell: RecorderBell
  let journal: JournalLog
  /// The proxy's name, WEFT_PROXY in every entry.
  let origin: String
  /// Who is behind the connections that are open.
  let programs: ConnectionPrograms
  /// What verdicts and the numbers in events refer to.
  let known = KnownTables()
  /// What identities are called in events.
  let identities: IdentityBook
  /// What whoever taps is shown.
  let tap: Tap
  /// Events that found a ring full, as far as the journal was told of them. The recorder's own thread only.
  var notedDrops: UInt64 = 0
  private let isStopping = Atomic<Bool>(false)

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
    programs = ConnectionPrograms(attribution)
    self.tap = tap
    self.origin = origin
  }

  /// Asks the thread to write what is left and return.
  func stop() {
    isStopping.store(true, ordering: .releasing)
    bell.ring()
  }

  /// The recorder's thread, until it is told to stop and all is written.
  func run() {
    while true {
      let stopping = isStopping.load(ordering: .acquiring)
      if drain() > 0 || programs.isUnresolved {
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
    programs.tryAgain()
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
        case .opened: programs.identify(event)
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
}
