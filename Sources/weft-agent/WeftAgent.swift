internal import AgentCore
internal import ArgumentParser
internal import Glibc

/// The administration of one host: options in, exit code out.
@main
struct WeftAgent: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weft-agent",
    abstract: "Knows the services of the mesh, issues identities, and pushes policy to this host's proxies.",
    discussion: "Exit codes: 0 ended as asked, 1 could not start or serve, 2 an option is wrong.",
    version: "weft-agent \(Agent.version)",
    subcommands: [Run.self, Recover.self]
  )

  static func main() async {
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let failure as Agent.StartFailure {
      fail(failure.description, failure.exitCode)
    } catch {
      let code = exitCode(for: error)
      guard code != .success else { exit(withError: error) }
      fail(message(for: error), 2)
    }
  }

  /// One line on standard error; scripts read the code.
  private static func fail(_ message: String, _ code: Int32) -> Never {
    let line = Array("weft-agent: \(message)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    Glibc.exit(code)
  }
}

/// `weft-agent run`.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serves until told to end.",
    discussion: """
      It needs no option: the first start makes a mesh, its trust domain and its root. With --join it \
      joins the mesh of another host instead, whose `weft token create` gives the token.
      """
  )

  @OptionGroup var options: AgentOptions

  func run() async throws { try await Agent.run(options.settings()) }
}
