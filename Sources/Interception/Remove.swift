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
    for backend in backend.map({ [$0] }) ?? Backend.allCases {
      let tools = RuleTools(backend: backend, waitSeconds: waitSeconds)
      for family in Family.allCases where RuleTools.kernelHas(family) && tools.isUsable(family) {
        let text = try tools.save(family).map { TableChange(from: $0, to: OwnRules()).restoreText }.joined()
        guard !text.isEmpty else { continue }
        try tools.restore(family, text)
        removed.append((backend, family))
      }
    }
    return Report(removed: removed)
  }
}
