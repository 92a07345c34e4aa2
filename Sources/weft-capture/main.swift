// weft-capture: sends the TCP of one network namespace to its proxy. Each verb has its own file; what they do is
// in Interception.

internal import ArgumentParser
internal import Interception

struct WeftCapture: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weft-capture",
    abstract: "Redirects the TCP of a network namespace to its weft-proxy.",
    discussion: "Exit codes: 0 done, 1 failed and rolled back, 2 bad option, 3 a missing privilege or kernel feature.",
    version: "weft-capture \(CaptureVersion.text)",
    subcommands: [
      PlanCommand.self, ApplyCommand.self, VerifyCommand.self, RemoveCommand.self, StatusCommand.self,
    ]
  )
}

do {
  var command = try WeftCapture.parseAsRoot()
  try command.run()
  Outcome.endWell()
} catch {
  Outcome.end(error)
}
