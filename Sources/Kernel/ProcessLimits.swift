internal import CLinux
internal import Glibc

/// What the system lets this process use.
public enum ProcessLimits {
  /// Descriptors kept back for listeners, logs, policy files and questions when the rest are in use.
  public static let reservedDescriptors = 128

  /// Processors this process may run on (sched_getaffinity(2)), at least 1.
  public static var usableProcessors: Int {
    // 1024 processors, as glibc's cpu_set_t holds.
    var mask = [UInt](repeating: 0, count: 16)
    let size = mask.count * MemoryLayout<UInt>.size
    let written = mask.withUnsafeMutableBytes { weft_sched_getaffinity($0.baseAddress, size) }
    guard written > 0 else { return 1 }
    return max(1, mask.reduce(0) { $0 + $1.nonzeroBitCount })
  }

  /// Descriptors this process may have open (getrlimit(2) RLIMIT_NOFILE).
  public static var descriptors: Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(7), &limit) == 0 else { return 1024 }
    return Int(clamping: limit.rlim_cur)
  }

  /// Raises the soft descriptor limit to the hard one.
  public static func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(7), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(7), &limit)
  }

  /// Connections each of `workers` may have open: two descriptors each.
  public static func connections(workers: Int) -> Int {
    max(16, (descriptors - reservedDescriptors) / 2 / max(1, workers))
  }
}
