internal import ArgumentParser
internal import Interception

/// Puts the rules in place.
struct ApplyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Put the rules in place, all or none; safe to repeat under traffic."
  )

  @OptionGroup var capture: CaptureFlags
  @OptionGroup var place: PlaceFlags

  @Flag(help: "Only check the options, the privileges and the namespace; change nothing.")
  var check = false

  func run() throws {
    let options = try capture.typed()
    let backend = try place.requestedBackend()
    let waitSeconds = try place.waitSeconds()
    try place.enter()
    if check { return }
    let report = try Apply.run(options, backend: backend, waitSeconds: waitSeconds)
    report.warnings.forEach(Outcome.warn)
    guard place.json else { return show(report) }
    try JSONOutput.show(
      AppliedReport(
        backend: report.backend.rawValue,
        families: report.families.map {
          .init(family: $0.family.rawValue, mode: $0.mode.rawValue, changed: $0.changed)
        },
        warnings: report.warnings
      )
    )
  }

  private func show(_ report: ApplyReport) {
    for (family, mode, changed) in report.families {
      let state = mode == .capture ? "captured" : "refused"
      print(
        "\(family.rawValue): \(state) (\(report.backend.rawValue), \(changed ? "rules written" : "already in place"))"
      )
    }
  }
}

/// `apply --json`.
private struct AppliedReport: Encodable {
  struct Applied: Encodable {
    let family: String
    let mode: String
    let changed: Bool
  }
  let backend: String
  let families: [Applied]
  let warnings: [String]
}
