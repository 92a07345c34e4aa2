import ArgumentParser
import MeshAPI
import MeshDocuments

/// `weft delete`: takes documents out of the mesh.
struct Delete: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Takes documents out of the mesh, by kind and name or by the files that hold them.",
    discussion: "The exit code is 1 where one of them is not there, unless --ignore-not-found."
  )

  @OptionGroup var agent: AgentOptions
  @OptionGroup var namespace: NamespaceOptions
  @OptionGroup var format: OutputOptions

  @Option(
    name: [.customShort("f"), .customLong("file")],
    help: ArgumentHelp("A file or directory of the documents to delete, or -; repeatable.", valueName: "path")
  )
  var files: [String] = []

  @Flag(help: "Only say what would be done.")
  var dryRun = false

  @Flag(help: "What is not there is no failure.")
  var ignoreNotFound = false

  @Argument(help: ArgumentHelp("A kind with names, or KIND/NAME.", valueName: "kind name"))
  var words: [String] = []

  func validate() throws {
    guard files.isEmpty else {
      if !words.isEmpty { throw ValidationError("name documents by -f or by kind and name, not by both") }
      return
    }
    for target in try DocumentTarget.targets(words) {
      guard target.name != nil else {
        throw ValidationError("name the documents to delete: weft delete \(words[0]) NAME")
      }
      guard !target.kind.isEmpty else {
        throw ValidationError("\"\(DocumentTarget.everyKind)\" cannot be deleted by name")
      }
    }
  }

  func run() throws {
    var request = Weft_Agent_V1_DeleteRequest()
    request.dryRun = dryRun
    request.keys = try keys().map { key in
      var message = Weft_Agent_V1_ObjectKey()
      message.kind = key.kind
      message.namespace = key.namespace
      message.name = key.name
      return message
    }
    let reply = try agent.calls.call("Delete", request, as: Weft_Agent_V1_ApplyReply.self)
    let report = ChangeReport(reply, isDryRun: dryRun)
    try report.tell(format)
    if report.hasMissing, !ignoreNotFound { throw ExitCode(CommandFailure.failed) }
  }

  private func keys() throws -> [DocumentKey] {
    guard !files.isEmpty else {
      return try DocumentTarget.targets(words).map {
        DocumentKey(kind: $0.kind, namespace: namespace.namespace, name: $0.name ?? "")
      }
    }
    let reading = DocumentSet.reading(try DocumentOptions.sources(files))
    for issue in reading.issues { StandardError.write(issue.description) }
    guard !reading.documents.isEmpty else { throw CommandFailure(CommandFailure.usage) }
    return reading.documents.map(\.key)
  }
}
