internal import Glibc
internal import Kernel

/// Goes where the rules shall be.
public enum NamespaceEntry {
  /// Moves the calling thread into the namespace that `ip netns` calls `nameOrPath`, or that lies at that path.
  ///
  /// - Throws: `UsageError` where there is none, `CaptureError.missing` where this process may not.
  public static func enter(_ nameOrPath: String) throws {
    let namespace: NetworkNamespace
    do {
      namespace = try NetworkNamespace.open(nameOrPath)
    } catch {
      throw UsageError(
        "--netns",
        nameOrPath,
        "cannot be opened (\(error)); give a name that `ip netns list` shows, or a path"
      )
    }
    try Privilege.requireNamespaces()
    do {
      try namespace.enter()
    } catch  where error.code == EINVAL {
      throw UsageError("--netns", nameOrPath, "is not a network namespace; give one such as /proc/PID/ns/net")
    } catch {
      throw CaptureError.system(error)
    }
  }
}
