internal import Kernel
internal import MeshModel
internal import Reactor
internal import Synchronization

/// The programs behind connections that are open, as far as they were looked up.
final class ConnectionPrograms: @unchecked Sendable {
  // @unchecked: `attribution` and `unresolved` are used by the recorder's own thread only; everything else is Sendable.
  /// Lookups that found the user but not the program, kept to be tried again while the connection lives: on a busy host
  /// the process finder may be late.
  private static let retriesKept = 32
  /// Programs remembered: one a connection that the descriptor limit of a usual host allows.
  private static let programsKept = 20_000
  /// Tries altogether, one a nap.
  private static let tries = 5

  private let attribution: FlowAttribution
  private var unresolved: [(event: PathEvent, triesLeft: Int)] = []
  private let programs = Mutex<[ConnectionID: ProcessReport]>([:])
  private let attributions = Mutex<FlowAttribution.Counts>(FlowAttribution.Counts())

  init(_ attribution: FlowAttribution) { self.attribution = attribution }

  /// The program behind a connection that is open; nil where it was not looked up or not found.
  subscript(id: ConnectionID) -> ProcessReport? { programs.withLock { $0[id] } }

  /// What became of the lookups so far.
  var counts: FlowAttribution.Counts { attributions.withLock { $0 } }

  /// Whether `tryAgain` has something to do. The recorder's thread only, as everything below but `remove`.
  var isUnresolved: Bool { !unresolved.isEmpty }

  /// Asks the kernel, and the finder, who opened a connection.
  func identify(_ event: PathEvent) { identify(event, triesLeft: Self.tries) }

  private func identify(_ event: PathEvent, triesLeft: Int) {
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

  /// Looks again for the programs of which only the user was found.
  func tryAgain() {
    let waiting = unresolved
    unresolved.removeAll(keepingCapacity: true)
    for (event, triesLeft) in waiting where programs.withLock({ $0[event.id] != nil }) {
      identify(event, triesLeft: triesLeft)
    }
  }

  /// The program of a connection that ended, which is forgotten.
  func remove(_ id: ConnectionID) -> ProcessReport? { programs.withLock { $0.removeValue(forKey: id) } }
}
