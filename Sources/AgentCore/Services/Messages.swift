internal import Foundation
internal import MeshAPI
internal import MeshDocuments
internal import Replication

// The mesh's values as the API's messages.

extension Weft_Agent_V1_Issue {
  init(_ issue: DocumentIssue) {
    self.init()
    file = issue.file
    line = UInt32(clamping: issue.line)
    column = UInt32(clamping: issue.column)
    isWarning = issue.severity == .warning
    message = issue.field.isEmpty ? issue.message : "\(issue.field): \(issue.message)"
  }
}

extension Weft_Agent_V1_ObjectKey {
  init(_ key: DocumentKey) {
    self.init()
    kind = key.kind
    namespace = key.namespace
    name = key.name
  }
}

extension Weft_Agent_V1_ApplyReply {
  init(_ answer: Mesh.DocumentAnswer) {
    self.init()
    outcomes = answer.outcomes.map { outcome in
      var told = Outcome()
      told.key = Weft_Agent_V1_ObjectKey(outcome.key)
      told.replaced = outcome.replaced
      told.action =
        switch outcome.action {
        case .unchanged: .unchanged
        case .created: .created
        case .configured: .configured
        case .deleted: .deleted
        case .missing: .missing
        }
      return told
    }
    issues = answer.issues.map(Weft_Agent_V1_Issue.init)
    issuesLeftOut = UInt32(clamping: answer.leftOut)
  }
}

extension Weft_Agent_V1_GetReply.Document {
  init(_ account: Mesh.DocumentAccount) {
    self.init()
    key = Weft_Agent_V1_ObjectKey(account.key)
    json = Data(account.json)
    guard let document = account.document else { return }
    writer = document.winner.owner.name
    writtenMs = document.winner.record.stamp.wall_ms
    conflicts = document.conflicts.map { rival in
      var told = Weft_Agent_V1_GetReply.Conflict()
      told.writer = rival.owner.name
      told.writtenMs = rival.record.stamp.wall_ms
      told.json = Data(rival.record.content ?? [])
      return told
    }
  }
}
