internal import AgentCore
internal import ArgumentParser

/// `weft-agent recover`.
struct Recover: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover",
    abstract: "Moves a damaged database aside, so that the agent starts with an empty one.",
    discussion: """
      For an agent that refuses to start because its database is damaged. Keys and certificates stay. Other agents give \
      their records back, services come from their files or register again; what nobody else has is in the moved file only.
      """
  )

  @Option(help: ArgumentHelp("The agent's data directory.", valueName: "directory"))
  var dataDir = AgentSettings().dataDirectory

  func run() throws {
    let aside = try Agent.recover(directory: dataDir)
    print("the database of \(dataDir) is now \(aside); the next start begins with an empty one")
  }
}
