internal import Glibc
internal import Synchronization

/// Names that two test runs at once cannot share: they carry this process's pid, so whoever finds a leftover can tell
/// whether its owner still lives.
enum Names {
  /// What every namespace, link and directory of the harness begins with.
  static let prefix = "wt"

  private static let counter = Atomic<Int>(0)

  /// The next number of this process, from 1.
  static func next() -> Int { counter.add(1, ordering: .relaxed).newValue }

  /// `wt-PID-N`.
  static func unique() -> String { "\(prefix)-\(getpid())-\(next())" }
}
