import MeshAPI
import MeshDocuments

/// What became of documents that were applied or deleted.
struct ChangeReport: Encodable, Equatable {
  struct Outcome: Encodable, Equatable {
    let kind: String
    let namespace: String
    let name: String
    let action: String
    /// Hosts whose concurrent writes were replaced.
    let replaced: [String]
  }

  let isDryRun: Bool
  let outcomes: [Outcome]
  let issues: [AgentIssue]
  /// Issues that were found and not listed.
  let leftOut: UInt32

  init(_ reply: Weft_Agent_V1_ApplyReply, isDryRun: Bool) {
    self.isDryRun = isDryRun
    outcomes = reply.outcomes.map { outcome in
      Outcome(
        kind: outcome.key.kind,
        namespace: outcome.key.namespace,
        name: outcome.key.name,
        action: Self.word(outcome.action),
        replaced: outcome.replaced
      )
    }
    issues = reply.issues.map(AgentIssue.init)
    leftOut = reply.issuesLeftOut
  }

  private static func word(_ action: Weft_Agent_V1_ApplyReply.Action) -> String {
    switch action {
    case .unchanged: "unchanged"
    case .created: "created"
    case .configured: "configured"
    case .deleted: "deleted"
    case .missing: "not found"
    case .UNRECOGNIZED(let number): "changed in a way this weft does not know (\(number))"
    }
  }

  /// A line for each document, as `kubectl` says it.
  func text(_ style: Style) -> String {
    outcomes.map { outcome in
      let key = DocumentKey(kind: outcome.kind, namespace: outcome.namespace, name: outcome.name)
      var line = "\(Printable.text(KindNames.title(of: key))) \(outcome.action)\(isDryRun ? " (dry run)" : "")"
      if !outcome.replaced.isEmpty {
        let hosts = outcome.replaced.map { "host \(Printable.text($0))" }.joined(separator: ", ")
        let verb = isDryRun ? "would replace" : "replaced"
        let writes = outcome.replaced.count == 1 ? "a concurrent write" : "concurrent writes"
        line += "; " + style.bad("\(verb) \(writes) of \(hosts)")
      }
      return line + "\n"
    }.joined()
  }

  var isRefused: Bool { issues.contains { $0.isError } }
  var hasMissing: Bool { outcomes.contains { $0.action == "not found" } }

  /// Prints it, issues on standard error. Fails where documents were refused.
  func tell(_ format: OutputOptions) throws {
    issues.tell(leftOut: leftOut)
    if !isRefused || format.output != .table { try format.output.print(self, table: text) }
    if isRefused { throw CommandFailure(CommandFailure.usage) }
  }
}
