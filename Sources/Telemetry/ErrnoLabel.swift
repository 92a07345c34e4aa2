/// The `errno` label, as Linkerd's users know it: the error's name, or nothing for a clean end.
public enum ErrnoLabel {
  /// What TCP connections end with on Linux (asm-generic/errno.h, asm-generic/errno-base.h).
  private static let known: [(code: Int32, name: String)] = [
    (0, ""), (104, "ECONNRESET"), (111, "ECONNREFUSED"), (110, "ETIMEDOUT"), (113, "EHOSTUNREACH"),
    (101, "ENETUNREACH"), (103, "ECONNABORTED"), (32, "EPIPE"), (99, "EADDRNOTAVAIL"), (24, "EMFILE"), (23, "ENFILE"),
    (105, "ENOBUFS"), (13, "EACCES"), (1, "EPERM"),
  ]

  /// Every value of the label; the last stands for all other codes, so the series are bounded.
  public static let names: [String] = known.map(\.name) + ["OTHER"]

  /// The index in `names` for an errno(3) code.
  public static func index(of code: Int32) -> Int {
    var index = 0
    while index < known.count, known[index].code != code { index += 1 }
    return index
  }
}
