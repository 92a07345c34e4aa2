internal import ArgumentParser
internal import Interception

/// Where and how: the namespace, the back end, the patience.
struct PlaceFlags: ParsableArguments {
  @Option(help: ArgumentHelp("Work in this network namespace, by name or path.", valueName: "name|path"))
  var netns: String?

  @Option(help: ArgumentHelp("auto, nft or legacy; auto follows the rules that are there. (default: auto)"))
  var backend: String?

  @Option(help: ArgumentHelp("How long to wait for locks. (default: \(Self.defaultWaitSeconds))", valueName: "seconds"))
  var wait: String?

  @Flag(help: "Report as JSON.")
  var json = false

  static let defaultWaitSeconds = 5
  /// Nobody means to wait longer for a lock that is held for milliseconds; beyond it is a slip of the pen.
  static let longestWaitSeconds = 3600

  /// Nil means auto.
  func requestedBackend() throws -> Backend? {
    guard let backend, backend != "auto" else { return nil }
    guard let known = Backend(rawValue: backend) else {
      throw UsageError("--backend", backend, "give auto, nft or legacy")
    }
    return known
  }

  func waitSeconds() throws -> Int {
    guard let wait else { return Self.defaultWaitSeconds }
    guard wait.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let seconds = Int(wait),
      seconds <= Self.longestWaitSeconds
    else { throw UsageError("--wait", wait, "give seconds from 0 to \(Self.longestWaitSeconds)") }
    return seconds
  }

  /// Checks the privilege and goes into the namespace.
  func enter() throws {
    try Privilege.requireRules()
    if let netns { try NamespaceEntry.enter(netns) }
  }
}
