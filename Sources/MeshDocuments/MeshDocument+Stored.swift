internal import Yams

extension MeshDocument {
  /// A document that was stored or came from another host. It can be newer than this program: of a kind or with fields
  /// that are not known here. Such a one is kept as it is and has a `problem`.
  public init(stored key: DocumentKey, json: [UInt8]) {
    let issues = IssueList()
    let read = Self.read(key, json, issues)
    self.init(key: key, json: json, read: read, problem: read == nil ? Self.problem(issues) : nil)
  }

  private static func problem(_ issues: IssueList) -> String {
    guard let issue = issues.issues.first(where: { $0.severity == .error }) else { return "it holds no document" }
    return issue.text
  }

  private static func read(_ key: DocumentKey, _ json: [UInt8], _ issues: IssueList) -> ReadDocument? {
    let name = key.description
    guard json.count <= maxBytes else {
      issues.error(name, "\(json.count) bytes are more than the \(maxBytes) allowed")
      return nil
    }
    guard let root = CanonicalNode.read(json) ?? parsed(json, name, issues) else { return nil }
    let found = DocumentKind.unrolled(Field(node: root, path: "", file: name, issues: issues))
    guard let (document, kind) = found.first, found.count == 1, !issues.hasErrors, !kind.namesFiles(document),
      let read = kind.read(document)
    else { return nil }
    guard read.key == key else {
      issues.error(name, "says that it is \(read.key)")
      return nil
    }
    return read.inMesh
  }

  /// JSON that is not in the form that this program writes.
  private static func parsed(_ json: [UInt8], _ name: String, _ issues: IssueList) -> Node? {
    guard hasLooksOfJSON(json) else {
      issues.error(name, "is not JSON")
      return nil
    }
    let roots = YAMLStream.documents(DocumentSource(name: name, bytes: json), issues, mayHaveAliases: false)
    return roots.count == 1 ? roots.first : nil
  }

  /// Whether nothing outside of texts has a meaning in YAML that it has not in JSON, such as aliases that multiply.
  private static func hasLooksOfJSON(_ json: [UInt8]) -> Bool {
    var isText = false
    var isEscaped = false
    for byte in json {
      if isText {
        if !isEscaped, byte == UInt8(ascii: "\"") { isText = false }
        isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
      } else if byte == UInt8(ascii: "\"") {
        isText = true
      } else if !outsideOfTexts.contains(byte) {
        return false
      }
    }
    return !isText
  }

  /// Punctuation, white space, numbers, and the letters of `true`, `false` and `null`.
  private static let outsideOfTexts = Set("{}[]:, \n\r\t+-.0123456789eEtruefalsn".utf8)
}
