internal import Kernel

/// What the kernel lets this process do; asked before anything is tried, so that what is missing can be named.
public enum Privilege {
  /// Reading and writing rules. Exit code 3 where it is missing.
  public static func requireRules() throws(CaptureError) {
    try require(.netAdmin, "to read and change packet filter rules")
  }

  /// The legacy back end talks to the kernel by a raw socket.
  static func requireLegacy() throws(CaptureError) { try require(.netRaw, "for the legacy back end of iptables") }

  /// Entering and making namespaces.
  static func requireNamespaces() throws(CaptureError) { try require(.sysAdmin, "to enter or make network namespaces") }

  private static func require(
    _ capability: EffectiveCapabilities.Capability,
    _ purpose: String
  ) throws(CaptureError) {
    guard EffectiveCapabilities.ofThisProcess().contains(capability) else {
      throw .missing("capability \(capability.name)", advice: "it is needed \(purpose); run as root or grant it")
    }
  }
}
