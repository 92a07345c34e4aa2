import MeshAPI
import MeshDocuments

/// Documents of the mesh as people and programs read them.
struct DocumentList {
  let documents: [Weft_Agent_V1_GetReply.Document]
  /// Unix time.
  let now_ms: UInt64

  init(_ documents: [Weft_Agent_V1_GetReply.Document], now_ms: UInt64) {
    self.documents = documents
    self.now_ms = now_ms
  }

  func table(_ style: Style, showsNamespace: Bool) -> String {
    let isOfOneKind = Set(documents.map(\.key.kind)).count <= 1
    var table = TextTable((showsNamespace ? ["NAMESPACE"] : []) + ["NAME", "WRITTEN BY", "AGE", "CONFLICT"])
    for document in documents {
      let key = Self.key(document)
      let conflicts = document.conflicts.map {
        "\($0.writer) \(age($0.writtenMs)) ago\($0.json.isEmpty ? ", deleted" : "")"
      }
      table.add(
        (showsNamespace ? [key.namespace] : []) + [
          isOfOneKind ? key.name : KindNames.title(of: key), document.writer, age(document.writtenMs),
          conflicts.joined(separator: "; "),
        ]
      )
    }
    return table.text(style)
  }

  /// Documents as `weft apply -f` takes them; what lost to them as comments.
  func yaml() throws -> String {
    try documents.map { document in
      try YAMLText.ofJSON([UInt8](document.json)) + document.conflicts.map { try comment($0) }.joined()
    }.joined(separator: "---\n")
  }

  private func comment(_ conflict: Weft_Agent_V1_GetReply.Conflict) throws -> String {
    let who =
      "# Host \(Printable.text(conflict.writer)), \(age(conflict.writtenMs)) ago and without knowing of the above,"
    guard !conflict.json.isEmpty else {
      return "\(who) deleted this.\n"
    }
    let lines = try YAMLText.ofJSON([UInt8](conflict.json)).split(separator: "\n", omittingEmptySubsequences: false)
    return "\(who) wrote:\n" + lines.dropLast().map { $0.isEmpty ? "#\n" : "#   \($0)\n" }.joined()
  }

  /// The document alone, or as Kubernetes lists documents.
  func json(isSingle: Bool) -> String {
    if isSingle, documents.count == 1 { return PrettyJSON.text([UInt8](documents[0].json)) }
    let items = documents.map { String(decoding: $0.json, as: UTF8.self) }.joined(separator: ",")
    return PrettyJSON.text(Array(#"{"apiVersion":"v1","items":[\#(items)],"kind":"List"}"#.utf8))
  }

  /// A sentence for each write that lost, since JSON has no comments.
  var conflictLines: [String] {
    documents.flatMap { document in
      document.conflicts.map { conflict in
        let what = conflict.json.isEmpty ? "deleted it" : "wrote it too"
        return
          "\(Self.key(document)): host \(conflict.writer) \(what), \(age(conflict.writtenMs)) ago; -o yaml shows more"
      }
    }
  }

  private static func key(_ document: Weft_Agent_V1_GetReply.Document) -> DocumentKey {
    DocumentKey(kind: document.key.kind, namespace: document.key.namespace, name: document.key.name)
  }

  private func age(_ time_ms: UInt64) -> String {
    Amounts.duration(milliseconds: Int64(clamping: now_ms) - Int64(clamping: time_ms))
  }
}
