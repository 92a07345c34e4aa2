internal import Discovery
internal import Journal
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// A proxy from start to end, in the order of `run`.
public enum Proxy {
  /// What `--version` and every status say.
  public static let version = Release.version

  /// Why a proxy did not start: one line for standard error, and the exit code.
  public struct StartFailure: Error, CustomStringConvertible {
    /// One line that says what failed, against what, and what to check.
    public let description: String
    /// What the process ends with, for scripts.
    public let exitCode: Int32

    /// It could not.
    static let failed: Int32 = 1
    /// What it was given is wrong.
    static let misconfigured: Int32 = 2
    /// A privilege, or a feature of the kernel, is missing.
    static let lacksPrivilege: Int32 = 3
  }

  /// Serves until told to end. Throws before it serves anything, or not at all.
  public static func run(_ settings: ProxySettings) throws(StartFailure) {
    ProcessSignal.ignoreBrokenPipes()
    let signals = try attempt { () throws(SystemError) in
      try SignalDescriptor([ProcessSignal.terminate, ProcessSignal.interrupt, ProcessSignal.reload])
    }
    var warnings: [String] = []
    let account = try Account.settle(settings)
    // First, since it keeps its policies up to date for this one when it is asked.
    var predecessor = settings.replacesRunning ? Predecessor(settings.adminPath) : nil
    let snapshots = try loadPolicies(settings, replacing: predecessor != nil, &warnings)
    let keyLog = try openKeyLog(settings, &warnings)
    let journal = try openJournal(settings)
    let workers = settings.workers ?? ProcessLimits.usableProcessors
    let listeners = try openListeners(settings, workers: workers, predecessor, &warnings)
    // Before the admin socket is this proxy's own: what a predecessor hands over comes by it.
    let (names, namesNotice) = openNames(settings)
    let handed = predecessor == nil ? .nothing : inheritIdentity(settings)
    let controlListeners = openControlListeners(settings, replacing: predecessor != nil, &warnings)
    let bell = try attempt { () throws(SystemError) in try RecorderBell() }
    let tap = Tap()
    let inbox =
      settings.agentPath == nil
      ? nil : try attempt { () throws(SystemError) in try LookupInbox(workers: workers) }
    let fleet = Fleet(count: workers, bell: bell, tap: tap, inbox: inbox)
    let attribution = FlowAttribution(finder: account.finder, finderMissing: account.finderMissing)
    let recorder = Recorder(
      outboxes: fleet.outboxes,
      bell: bell,
      journal: journal,
      attribution: attribution,
      tap: tap,
      origin: settings.name
    )
    recorder.known.know(snapshots)
    let control: Control
    do {
      control = try Control(
        settings,
        fleet: fleet,
        snapshots: snapshots,
        recorder: recorder,
        journal: journal,
        agent: inbox.map { stream($0, settings, fleet: fleet, snapshots: snapshots, recorder: recorder) },
        identity: settings.agentPath.map { IdentityStream(path: $0, choice: IdentityChoice(settings)) },
        names: names,
        signals: signals,
        listeners: controlListeners,
        warnings: warnings
      )
    } catch {
      throw StartFailure(description: "\(error)", exitCode: StartFailure.failed)
    }
    announceStart(control, notices: [attribution.limitation, namesNotice].compactMap(\.self), warnings)
    control.begin(with: handed)
    let recording = try attempt { () throws(SystemError) in try Thread("weft-recorder") { recorder.run() } }
    try startWorkers(settings, fleet, listeners, snapshots, keyLog: keyLog.isOpen ? keyLog.raw : nil)
    predecessor?.confirm()
    // Its connection with it, lest that is held as long as this proxy lives.
    predecessor = nil
    CodePages.releaseUnused()
    // What the agent pushes is read and compiled here; connections must not wait for it. All other threads are made by now.
    ThreadPriority.yieldToOthers()
    control.run()
    fleet.stopAndJoin()
    control.announce(.proxyStopped, "stopped")
    recorder.stop()
    recording.join()
    control.close()
  }

  /// What an operator reads first: the process, what it will lack and why, and which policies it begins with.
  private static func announceStart(_ control: Control, notices: [String], _ warnings: [String]) {
    control.announce(.proxyStarted, "weft-proxy \(version) started as pid \(ProcessIdentity.pid)")
    for notice in notices { control.announce(.proxyStarted, notice) }
    if control.settings.agentPath == nil {
      let snapshots = control.snapshots
      control.announce(snapshots.table.snapshot == nil ? .snapshotMissing : .snapshotLoaded, snapshots.summary)
    }
    for warning in warnings { control.announce(.listenerProblem, warning) }
  }

  /// The stream to the agent. The pod's addresses are those of the namespace that the proxy runs in.
  private static func stream(
    _ inbox: LookupInbox,
    _ settings: ProxySettings,
    fleet: Fleet,
    snapshots: SnapshotStore,
    recorder: Recorder
  ) -> AgentStream {
    let own = InterfaceAddresses.all.filter { !$0.isLoopback && !$0.isLinkLocalIPv6 }
    snapshots.addresses = own
    return AgentStream(
      path: settings.agentPath ?? "",
      node: ProxyNode(id: settings.name, workload: snapshots.workload, addresses: own, takesMesh: true),
      seat: DiscoverySeat(inbox, fleet: fleet, snapshots: snapshots, recorder: recorder),
      snapshots: snapshots
    )
  }

  private static func startWorkers(
    _ settings: ProxySettings,
    _ fleet: Fleet,
    _ listeners: [WorkerListeners],
    _ snapshots: SnapshotStore,
    keyLog: Int32?
  ) throws(StartFailure) {
    let keeper = Gatekeeper(
      ownPorts: OwnPorts(settings),
      loopGuard: LoopGuard(),
      policy: snapshots.table,
      policyVersion: snapshots.version,
      rules: snapshots.rules
    )
    fleet.tellMaterial(of: snapshots.rules)
    let limits = WorkerLimits(
      settings,
      connections: ProcessLimits.connections(workers: listeners.count),
      keyLog: keyLog
    )
    let epoch = UInt32.random(in: 0...0xff_ffff)
    for (number, table) in listeners.enumerated() {
      try attempt { () throws(SystemError) in
        try fleet.start(number, epoch: epoch, limits: limits, listeners: table, keeper: keeper, rules: snapshots.rules)
      }
    }
  }

  /// Who the proxy was that this one replaces. Without an agent there is nobody to renew it, and no mesh to use it in.
  private static func inheritIdentity(_ settings: ProxySettings) -> IdentityHandover.Outcome {
    guard settings.agentPath != nil else { return .nothing }
    let now_s = Int64(Clock.realtime_us() / 1_000_000)
    return IdentityHandover.request(from: settings.adminPath, choice: IdentityChoice(settings), now_s: now_s)
  }

  /// Runs `body`; what the kernel refuses ends the start.
  static func attempt<Result: ~Copyable>(
    _ body: () throws(SystemError) -> Result
  ) throws(StartFailure) -> Result {
    do {
      return try body()
    } catch {
      throw StartFailure(description: "\(error)\(error.descriptorAdvice)", exitCode: StartFailure.failed)
    }
  }
}

extension IdentityChoice {
  /// What this proxy is to be.
  fileprivate init(_ settings: ProxySettings) {
    self.init(namespace: settings.namespace, serviceAccount: settings.serviceAccount)
  }
}

extension ProxySettings {
  /// Where the agent's last snapshot is kept.
  var lastSnapshotPath: String { "\(runDirectory)/proxy-\(name).snapshot" }

  /// Where `weft` finds this proxy.
  public var adminPath: String { "\(runDirectory)/proxy-\(name).sock" }
}
