internal import Yams

/// One value of a document with its place, read strictly: what is not as expected becomes an issue there.
struct Field {
  let node: Node
  /// The path from the document's root, such as `spec.ingress[0]`.
  let path: String
  let file: String
  let issues: IssueList

  func error(_ message: String) { report(.error, message) }
  func warning(_ message: String) { report(.warning, message) }

  private func report(_ severity: DocumentIssue.Severity, _ message: String, at other: Node? = nil, path: String? = nil)
  {
    let mark = (other ?? node).mark
    issues.add(
      .init(
        severity: severity,
        file: file,
        line: mark?.line ?? 0,
        column: mark?.column ?? 0,
        field: path ?? self.path,
        message: message
      )
    )
  }

  /// An empty value or `null`, which Kubernetes takes for an absent one.
  var isNull: Bool {
    guard let scalar = node.scalar, PlainScalar.isImplicit(scalar) else { return false }
    return PlainScalar.kind(scalar.string) == .null
  }

  /// An object or list without entries.
  var isEmpty: Bool { node.mapping?.isEmpty ?? node.sequence?.isEmpty ?? false }

  /// The text of a value that no number, boolean or null would be written as.
  var word: String? { node.scalar.flatMap { what == PlainScalar.Kind.text.rawValue ? $0.string : nil } }

  /// A scalar as it was written, whatever it is.
  var written: String? { node.scalar?.string }

  /// A scalar that was written without quotes.
  var plain: String? { node.scalar.flatMap { PlainScalar.isImplicit($0) ? $0.string : nil } }

  /// The number of entries of a list; nil for what is none.
  var count: Int? { node.sequence?.count }

  /// Whether an object has keys, nulls apart, that are not among `fields`; each was said to be wrong when it was read.
  func hasMore(than fields: [String: Field]) -> Bool {
    (node.mapping?.count { _, value in !Field(node: value, path: path, file: file, issues: issues).isNull } ?? 0)
      > fields.count
  }

  /// Whether an object, of which `fields` were read, says nothing at all: it is empty, or all in it is null.
  func saysNothing(_ fields: [String: Field]) -> Bool { fields.isEmpty && !hasMore(than: fields) }

  /// Where the value stands: `file:line:column`.
  var place: String { "\(file):\(node.mark?.line ?? 0):\(node.mark?.column ?? 0)" }

  /// The fields of an object, nulls left out. Each key must be one of `known`; `advice` says more about some
  /// that are refused.
  func object(_ known: [String], advice: [String: String] = [:]) -> [String: Field]? {
    guard let pairs = pairs() else { return nil }
    var fields: [String: Field] = [:]
    for (key, name, value) in pairs {
      if known.contains(name) {
        if !value.isNull { fields[name] = value }
      } else {
        let message = advice[name] ?? "unknown field; \(Suggestion.clause(for: name, among: known))"
        report(.error, message, at: key, path: value.path)
      }
    }
    return fields
  }

  /// The fields of an object whose keys may be any text.
  func anyObject() -> [(name: String, value: Field)]? {
    pairs()?.map { ($0.name, $0.value) }
  }

  private func pairs() -> [(key: Node, name: String, value: Field)]? {
    guard let mapping = node.mapping else {
      error("is \(what); wanted is an object")
      return nil
    }
    guard isPlainTag else { return nil }
    return mapping.compactMap { key, value in
      guard let name = key.scalar?.string else {
        report(.error, "a key must be text", at: key)
        return nil
      }
      let field = path.isEmpty ? name : "\(path).\(name)"
      return (key, name, Field(node: value, path: field, file: file, issues: issues))
    }
  }

  /// The entries of a list of at most `limit`.
  func list(limit: Int) -> [Field]? {
    guard let sequence = node.sequence else {
      error("is \(what); wanted is a list")
      return nil
    }
    guard isPlainTag else { return nil }
    guard sequence.count <= limit else {
      error("has \(sequence.count) entries, more than the \(limit) allowed")
      return nil
    }
    return sequence.enumerated().map {
      Field(node: $0.element, path: "\(path)[\($0.offset)]", file: file, issues: issues)
    }
  }

  /// Text: quoted, or plain and nothing that Kubernetes' parser would take for a number or boolean.
  func text() -> String? {
    guard let scalar = node.scalar else {
      error("is \(what); wanted is text")
      return nil
    }
    guard isPlainTag else { return nil }
    guard !PlainScalar.isImplicit(scalar) || PlainScalar.kind(scalar.string) == .text else {
      error("\(scalar.string.isEmpty ? "an empty value" : scalar.string) is \(what), not text; put it in quotes")
      return nil
    }
    return scalar.string
  }

  /// A whole number, not in quotes.
  func integer() -> Int? {
    guard let scalar = node.scalar else {
      error("is \(what); wanted is a whole number")
      return nil
    }
    guard isPlainTag else { return nil }
    guard PlainScalar.isImplicit(scalar), let number = PlainScalar.integer(scalar.string) else {
      error("\"\(scalar.string)\" is \(what); wanted is a whole number, without quotes")
      return nil
    }
    return number
  }

  /// What the value is, for errors.
  var what: String {
    guard let scalar = node.scalar else { return node.mapping != nil ? "an object" : "a list" }
    return PlainScalar.isImplicit(scalar) ? PlainScalar.kind(scalar.string).rawValue : "text"
  }

  /// Whether no tag bends the meaning of the value; one that does is an error.
  var isPlainTag: Bool {
    let tag = node.tag.rawValue
    let isPlain = tag.isEmpty || tag == "!" || ["str", "map", "seq"].contains { tag == "tag:yaml.org,2002:\($0)" }
    if !isPlain { error("the tag \(tag) is not supported; leave it out") }
    return isPlain
  }
}
