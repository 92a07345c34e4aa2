internal import Yams

/// Values as YAML for people: keys sorted, so that equal values are equal text.
public enum YAMLText {
  /// Fails only where `value` itself refuses to be encoded.
  public static func encode(_ value: some Encodable) throws -> String {
    let encoder = YAMLEncoder()
    encoder.options.sortKeys = true
    return try encoder.encode(value)
  }

  /// A document's JSON as YAML that means the same. Fails where `json` is none.
  public static func ofJSON(_ json: [UInt8]) throws -> String {
    let issues = IssueList()
    let source = DocumentSource(name: "JSON", bytes: json)
    let roots = YAMLStream.documents(source, issues, mayHaveAliases: false)
    if let issue = issues.issues.first { throw issue }
    return try roots.map { try serialize(node: blocks($0), allowUnicode: true) }.joined(separator: "---\n")
  }

  /// The same value over lines, as people write it: quotes only where a text would be something else without.
  private static func blocks(_ node: Node) -> Node {
    switch node {
    case .scalar(let scalar):
      let isText = !PlainScalar.isImplicit(scalar)
      let isPlain = !isText || PlainScalar.kind(scalar.string) == .text
      let style: Node.Scalar.Style =
        isText && scalar.string.contains("\n") ? .literal : isPlain ? .plain : .doubleQuoted
      return .scalar(.init(scalar.string, .implicit, style))
    case .mapping(let mapping): return .mapping(.init(mapping.map { (blocks($0), blocks($1)) }, .implicit, .block))
    case .sequence(let sequence): return .sequence(.init(sequence.map(blocks), .implicit, .block))
    case .alias: return node
    }
  }
}
