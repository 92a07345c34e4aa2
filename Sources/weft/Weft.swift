import ArgumentParser
import MeshModel

/// The operator's command line: checks documents and gives them to the mesh, registers services, and asks agents and
/// proxies what they do and why.
struct Weft: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weft",
    abstract: "Runs the mesh: services, policy documents and identities, and shows what proxies do and why.",
    discussion: """
      Exit codes: 0 all is well, 1 something is wrong or failed, 2 the command line or a document is wrong, \
      3 a permission is missing.
      """,
    version: "weft \(Release.version)",
    groupedSubcommands: [
      CommandGroup(name: "Documents", subcommands: [Apply.self, Get.self, Delete.self, Validate.self, Compile.self]),
      CommandGroup(
        name: "Services",
        subcommands: [Register.self, Deregister.self, Report.self, Services.self, Endpoints.self]
      ),
      CommandGroup(
        name: "Hosts and identities",
        subcommands: [Members.self, Token.self, Forget.self, Authority.self, Identity.self]
      ),
      CommandGroup(
        name: "What happens",
        subcommands: [Check.self, Connections.self, Edges.self, Explain.self, Tap.self, Top.self]
      ),
    ]
  )
}

@main
enum Program {
  static func main() {
    StandardOutput.prepare()
    do {
      var command = try Weft.parseAsRoot()
      try command.run()
      exitProcess(0)
    } catch let failure as CommandFailure {
      for line in failure.lines { StandardError.write("weft: \(line)") }
      exitProcess(failure.exitCode)
    } catch {
      finish(error)
    }
  }

  /// What the argument parser threw: help that was asked for, an exit code of ours, or a wrong command line.
  private static func finish(_ error: any Error) -> Never {
    if let code = error as? ExitCode { exitProcess(code.rawValue) }
    guard Weft.exitCode(for: error) != .success else {
      print(Weft.fullMessage(for: error))
      exitProcess(0)
    }
    let message = Weft.message(for: error).split(whereSeparator: \.isNewline).joined(separator: " ")
    StandardError.write("weft: \(message); \(helpCommand(for: error)) tells what there is")
    exitProcess(CommandFailure.usage)
  }

  /// Which help the argument parser's own message points to: that of the subcommand that was meant.
  private static func helpCommand(for error: any Error) -> String {
    let parts = Weft.fullMessage(for: error).split(separator: "'")
    return parts.last { $0.hasPrefix("weft ") && $0.hasSuffix(" --help") }.map(String.init) ?? "weft --help"
  }
}
