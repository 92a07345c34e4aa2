internal import ArgumentParser
internal import Interception

/// Shows the rules without touching anything; needs no privilege.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show the rules that the options ask for; change nothing."
  )

  @OptionGroup var capture: CaptureFlags

  @Flag(help: "Report as JSON.")
  var json = false

  func run() throws {
    let plan = RulePlan(try capture.typed())
    guard json else {
      print(plan.description, terminator: "")
      return
    }
    try JSONOutput.show(
      plan.families.map { family in
        PlannedFamily(family: family.family.rawValue, mode: family.mode.rawValue, restore: family.restoreText)
      }
    )
  }
}

/// One family of `plan --json`.
private struct PlannedFamily: Encodable {
  let family: String
  let mode: String
  /// Input for `iptables-restore --noflush`, or `ip6tables-restore`.
  let restore: String
}
