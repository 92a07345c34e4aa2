internal import ArgumentParser
internal import Interception

/// Takes the rules out again.
struct RemoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Remove all rules of weft and nothing else."
  )

  @OptionGroup var place: PlaceFlags

  func run() throws {
    let backend = try place.requestedBackend()
    let waitSeconds = try place.waitSeconds()
    try place.enter()
    let report = try Remove.run(backend: backend, waitSeconds: waitSeconds)
    if place.json {
      try JSONOutput.show(report.removed.map { ["backend": $0.backend.rawValue, "family": $0.family.rawValue] })
    } else if report.removed.isEmpty {
      print("nothing to remove")
    } else {
      for (backend, family) in report.removed { print("\(family.rawValue): removed (\(backend.rawValue))") }
    }
  }
}
