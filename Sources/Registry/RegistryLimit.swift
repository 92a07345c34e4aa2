/// Bounds on what one host may register, and what checking it may cost.
public enum RegistryLimit {
  /// Instances on one host: ten times as many as Kubernetes runs pods on one.
  public static let registrations = 1_000
  /// Ports of one instance; each is an endpoint in every agent of the mesh.
  public static let ports = 32
  /// Addresses of one instance: one of each family, and some more for a host with several networks.
  public static let addresses = 8
  /// Labels of one instance; they travel with its record.
  public static let labels = 64
  /// Checks of one instance.
  public static let checks = 16
  /// Words of a script check, and the bytes of all of them.
  public static let scriptWords = 64, scriptBytes = 4_096
  /// Statuses or ranges of statuses that an HTTP check expects.
  public static let statusRanges = 16
  /// Bytes of a path, a host or a gRPC service name in a check.
  public static let checkTextBytes = 1_024
  /// Bytes of what a check or a program says of itself that are kept (Consul's bound).
  public static let outputBytes = 4_096
  /// Checks that run at one time; the others wait. Each is a connection or a process.
  public static let runningChecks = 64
  /// Changes by one user at once (all that a host may have), and how many more each second: each change of one
  /// registration goes to every agent of the mesh.
  public static let changeBurst: Double = 1_000, changesPerSecond: Double = 10
  /// Users whose changes are counted; beyond them those who have been quiet longest are forgotten.
  public static let countedUsers = 1_000
}

/// How checks are timed. Times in milliseconds.
public enum CheckTiming {
  /// Between two runs (Kubernetes' `periodSeconds`, Consul's `interval`).
  public static let interval_ms: UInt32 = 10_000
  /// For an answer from the network (Kubernetes' `timeoutSeconds`).
  public static let timeout_ms: UInt32 = 1_000
  /// For a script, which has to start first.
  public static let scriptTimeout_ms: UInt32 = 10_000
  /// Passes in a row after which an instance is back (Kubernetes' `successThreshold`).
  public static let passes: UInt8 = 1
  /// Failures in a row after which it leaves (Kubernetes' `failureThreshold`).
  public static let failures: UInt8 = 3
  /// Shortest interval and timeout: more often is load, not knowledge.
  public static let shortest_ms: UInt32 = 100
  /// Longest interval, timeout or TTL: a day. What is longer is a mistake.
  public static let longest_ms: UInt32 = 86_400_000
  /// Highest threshold: beyond it an instance would hardly ever leave or come back.
  public static let maxThreshold: UInt8 = 100
  /// How soon a healthy instance is looked at again after a failure that alone does not put it out: it is known within
  /// seconds whether it was one lost segment, whatever the interval.
  public static let recheck_ms: UInt32 = 1_000
  /// Each pause is by chance up to a tenth longer or shorter, so that checks of one start do not stay together.
  public static let jitterParts: UInt64 = 10
  /// How long a check is waited for beyond its timeout, before it counts as failed.
  public static let grace_ms: UInt64 = 1_000
  /// How long an instance must have been back for its relapses to be forgotten.
  public static let calm_ms: UInt64 = 300_000
  /// Relapses that count: each doubles the passes it takes to come back, so eight times at most.
  public static let relapses: UInt8 = 3
}
