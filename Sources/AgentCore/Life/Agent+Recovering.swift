internal import AgentStore

extension Agent {
  /// Moves a damaged database of an agent that does not run aside, so that the next start begins with an empty one. Keys,
  /// roots and the host's place in its mesh stay.
  ///
  /// - Returns: Where the database is now.
  public static func recover(directory: String) throws(StartFailure) -> String {
    do throws(AgentStoreError) { return try AgentStore.recover(directory: directory) } catch {
      throw StartFailure(description: error.description, exitCode: 1)
    }
  }
}
