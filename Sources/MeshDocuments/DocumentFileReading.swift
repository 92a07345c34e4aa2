/// The files and directories that someone names, as sources for others to read.
public struct DocumentFileReading: Sendable {
  /// What the files hold.
  public let sources: [DocumentSource]
  /// What could not be read, up to a bound: errors all.
  public let issues: [DocumentIssue]

  /// Reads files and directories: of a directory every `*.yaml`, `*.yml` and `*.json` below it, hidden ones left out;
  /// `-` is standard input.
  public init(paths: [String]) {
    let list = IssueList()
    var files = DocumentFiles(list)
    for path in paths { files.add(path) }
    sources = files.sources
    issues = list.issues
  }
}
