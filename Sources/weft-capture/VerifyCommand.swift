internal import ArgumentParser
internal import Interception

/// Proves that capture works.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Prove that capture works: compare the rules, then send probes.",
    discussion: "Exit code 0 means that nothing was found wrong; it can run again and again, under traffic too."
  )

  @Flag(help: "Compare the rules only; without CAP_SYS_ADMIN no probe can be made.")
  var rulesOnly = false

  @OptionGroup var place: PlaceFlags

  func run() throws {
    _ = try place.requestedBackend()
    let waitSeconds = try place.waitSeconds()
    try place.enter()
    let reports = try Verify.run(rulesOnly: rulesOnly, waitSeconds: waitSeconds)
    if place.json {
      try JSONOutput.show(reports.map(VerifiedFamily.init))
    } else {
      reports.forEach(show)
    }
    let broken = reports.filter { !$0.works }.map(\.family.rawValue)
    guard broken.isEmpty else { throw CaptureError.failed("not verified: \(broken.joined(separator: ", "))") }
  }

  private func show(_ report: Verify.FamilyReport) {
    let name = report.family.rawValue
    print("\(name): \(report.differences.isEmpty ? "rules are as asked for" : "rules are not right")")
    report.differences.forEach { print("\(name):   \($0)") }
    report.notes.forEach { print("\(name):   note: \($0)") }
    guard !rulesOnly, report.mode != nil else { return }
    print("\(name): outbound probe \(report.outbound.words), inbound probe \(report.inbound.words)")
    if let names = report.names { print("\(name): DNS probe \(names.words)") }
  }
}

extension ProbeResult {
  fileprivate var words: String {
    switch self {
    case .reachedProxy: "reached the proxy"
    case .noProxyListens: "reached the proxy's port (no proxy listens there yet)"
    case .refused: "was refused, as it should be"
    case .leaked: "LEAKED past the proxy"
    case .lost(let reason): "was LOST (\(reason)); is lo up? do rules of others drop it?"
    case .notMade(let reason): "was not made (\(reason))"
    }
  }

  fileprivate var code: String {
    switch self {
    case .reachedProxy: "reached-proxy"
    case .noProxyListens: "no-proxy-listens"
    case .refused: "refused"
    case .leaked: "leaked"
    case .lost: "lost"
    case .notMade: "not-made"
    }
  }
}

/// One family of `verify --json`.
private struct VerifiedFamily: Encodable {
  let family: String
  let works: Bool
  let backend: String?
  let mode: String?
  let differences: [String]
  let notes: [String]
  let outbound: String
  let inbound: String
  /// Absent where DNS is not captured.
  let names: String?

  init(_ report: Verify.FamilyReport) {
    family = report.family.rawValue
    works = report.works
    backend = report.backend?.rawValue
    mode = report.mode?.rawValue
    differences = report.differences
    notes = report.notes
    outbound = report.outbound.code
    inbound = report.inbound.code
    names = report.names?.code
  }
}
