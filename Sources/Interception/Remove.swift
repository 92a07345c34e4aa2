/// Takes all of ours out of the calling thread's network namespace and leaves everything else as it is.
///
/// Connections that are redirected live on: conntrack holds their translation. The built-in chains stay, even
/// empty ones, because the translation goes when the last nat chain does.
public enum Remove {
  /// What was found and removed.
  public struct Report: Sendable {
    /// Where rules of ours were.
    public let removed: [(backend: Backend, family: Family)]
  }

  /// Looks in both back ends, whichever of them is asked for by default.
  public static func run(backend: Backend?, waitSeconds: Int) throws(CaptureError) -> Report {
    let lock = try NamespaceLock(waitSeconds: waitSeconds)
    defer { extendLifetime(lock) }
    var removed: [(Backend, Family)] = []
    for family in Family.allCases where RuleTools.kernelHas(family) {
      for (tools, tables) in try RuleTools.answering(family, waitSeconds: waitSeconds)
      where backend == nil || backend == tools.backend {
        let text = tables.map { TableChange(from: $0, to: OwnRules()).restoreText }.joined()
        guard !text.isEmpty else { continue }
        try tools.restore(family, text)
        removed.append((tools.backend, family))
      }
    }
    return Report(removed: removed)
  }
}
