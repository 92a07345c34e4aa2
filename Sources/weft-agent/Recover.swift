internal import AgentCore
internal import ArgumentParser

/// `weft-agent recover`.
struct Recover: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover",
    abstract: "Moves a damaged database aside, so that the agent starts with an empty one.",
    discussion: """
      For an agent that refuses to start because its database is damaged. The mesh's roots and \
      documents are in the moved file only: the next start makes a new mesh, whose identities others do not know. Restore a \
      backup of the directory where there is one. Services come from their files or register again.
      """
  )

  @Option(help: ArgumentHelp("The agent's data directory.", valueName: "directory"))
  var dataDir = AgentSettings().dataDirectory

  func run() throws {
    let aside = try Agent.recover(directory: dataDir)
    print("the database of \(dataDir) is now \(aside); the next start begins with an empty one")
  }
}
