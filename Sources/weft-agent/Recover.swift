internal import AgentCore
internal import ArgumentParser

/// `weft-agent recover`.
struct Recover: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover",
    abstract: "Moves a damaged database aside, so that the agent starts with an empty one.",
    discussion: """
      For an agent that refuses to start because its database is damaged. The host stays in its mesh, with its name, \
      roots and keys, which are in files. Other hosts give documents and records back; on a lone host, documents are in the \
      moved file only, so restore a backup of the directory where there is one, or apply them again. Services come from \
      their files or register again; what `weft identity register` registered has to be registered again. \
      The authority's role stays too. A root's key that is lost is no matter of the database: docs/operations.md says what to do.
      """
  )

  @Option(help: ArgumentHelp("The agent's data directory.", valueName: "directory"))
  var dataDir = AgentSettings().dataDirectory

  func run() throws {
    let aside = try Agent.recover(directory: dataDir)
    print("the database of \(dataDir) is now \(aside); the next start begins with an empty one")
  }
}
