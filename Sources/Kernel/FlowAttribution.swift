public import MeshModel

/// Which program made a connection: sock_diag for the socket and its user, then the process finder. Used from one thread.
///
///     let attribution = FlowAttribution(finder: try? ProcessFinderChild.start(as: user))
///     let report = attribution.identify(source: …, destination: originalDestination, now_ns: …)
public final class FlowAttribution {
  /// What became of the attempts so far.
  public struct Counts: Equatable, Sendable {
    /// Connections whose user at least is known.
    public var found: UInt64 = 0
    /// Connections whose socket was gone, or so far that the kernel had forgotten its user, or never in this network namespace.
    public var missed: UInt64 = 0
    /// Connections that were not looked at, for there were too many.
    public var skipped: UInt64 = 0

    /// None yet.
    public init() {}
  }

  /// Connections looked at a second: each costs the kernel some microseconds, and the finder more.
  public static let attemptsPerSecond: UInt32 = 200

  /// What became of the attempts so far.
  public private(set) var counts = Counts()
  /// What records will lack, and why; nil where all can be seen. Say it once.
  public private(set) var limitation: String?

  private let diagnostics: SocketDiagnostics?
  private let finder: ProcessFinderClient?
  private var attempts = TokenBucket(burst: attemptsPerSecond, perSecond: attemptsPerSecond)

  /// An attribution as good as the kernel and `finder` allow; `finderMissing` says why there is no finder.
  public init(finder: ProcessFinderClient?, finderMissing: String? = nil) {
    self.finder = finder
    do {
      let diagnostics = try SocketDiagnostics()
      // In vain, and only to have it done once before the first program waits to be found (and exits meanwhile).
      let nowhere = SocketAddress(IPAddress(v4: 0), port: 0)
      _ = try? diagnostics.lookup(source: nowhere, destination: nowhere)
      _ = finder?.find(inode: 0, uid: 0)
      self.diagnostics = diagnostics
      if finder == nil {
        limitation = "records name the user of a connection only: \(finderMissing ?? "there is no process finder")"
      }
    } catch {
      diagnostics = nil
      limitation = "records do not name who connected: \(error); the kernel needs CONFIG_INET_DIAG"
    }
  }

  /// Who dialled `destination` (the original one) from `source`; nil where that is not known.
  ///
  /// Without a finder there is the user, and the control group as `id:N` where the kernel tells it.
  public func identify(source: SocketAddress, destination: SocketAddress, now_ns: UInt64) -> ProcessReport? {
    guard let diagnostics else { return nil }
    guard attempts.take(now_ns: now_ns) else {
      counts.skipped &+= 1
      return nil
    }
    guard let owner = (try? diagnostics.lookup(source: source, destination: destination)) ?? nil, owner.hasUser else {
      counts.missed &+= 1
      return nil
    }
    counts.found &+= 1
    let process = owner.inode == 0 ? nil : finder?.find(inode: owner.inode, uid: owner.uid)
    let cgroup = process.flatMap { $0.cgroup.isEmpty ? nil : $0.cgroup } ?? owner.cgroup.map { "id:\($0)" }
    return ProcessReport(pid: process?.pid, uid: owner.uid, comm: process?.comm, cgroup: cgroup)
  }
}
