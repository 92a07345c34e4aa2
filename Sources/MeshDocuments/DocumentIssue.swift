/// Something wrong, or worth knowing, at one place of a document.
public struct DocumentIssue: Error, Hashable, Sendable {
  /// Whether the documents can be used all the same.
  public enum Severity: String, Hashable, Sendable, Codable {
    /// The documents are refused.
    case error
    /// They are taken, and something about them may not be what was meant.
    case warning
  }

  /// Whether this refuses the documents.
  public let severity: Severity
  /// The file as it was named to us.
  public let file: String
  /// Counted from 1; 0 where the issue is about the file as a whole.
  public let line: Int
  /// Counted from 1, in Unicode scalars; 0 where the issue is about the file as a whole.
  public let column: Int
  /// The path of the field, such as `spec.ingress[0].ports[1].port`; empty where there is none.
  public let field: String
  /// What is wrong and what would be right.
  public let message: String
}

extension DocumentIssue {
  /// `field: message`: what is left to say where file, line and column are told apart from it.
  public var text: String { field.isEmpty ? message : "\(field): \(message)" }
}

extension DocumentIssue: CustomStringConvertible {
  /// `file:line:column: field: message`, as editors and terminals know how to follow.
  public var description: String {
    let place = line > 0 ? "\(file):\(line):\(column)" : file
    return [place, severity == .warning ? "warning" : "", field, message].filter { !$0.isEmpty }
      .joined(separator: ": ")
  }
}

/// Gathers issues of all files, up to a bound.
final class IssueList {
  /// More than anyone reads in one go; the rest shows once these are mended.
  static let maxIssues = 50

  private(set) var issues: [DocumentIssue] = []
  private(set) var errors = 0
  private(set) var leftOut = 0
  var hasErrors: Bool { errors > 0 }

  func add(_ issue: DocumentIssue) { add(issue.severity) { issue } }

  /// Makes an issue only where there is room for it. An error takes the room of a warning: it is what must be mended.
  func add(_ severity: DocumentIssue.Severity, _ issue: () -> DocumentIssue) {
    if severity == .error { errors += 1 }
    if issues.count >= Self.maxIssues {
      leftOut += 1
      guard severity == .error, let warning = issues.lastIndex(where: { $0.severity == .warning }) else { return }
      issues.remove(at: warning)
    }
    issues.append(issue())
  }

  func warning(_ file: String, _ message: String) {
    add(.init(severity: .warning, file: file, line: 0, column: 0, field: "", message: message))
  }

  /// The issues by file, line and column; those of files that could not be read come first, unless `others` says where.
  func inOrder(of files: [String], others: Int = -1) -> [DocumentIssue] {
    let ranks = Dictionary(files.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: min)
    return issues.sorted {
      (ranks[$0.file] ?? others, $0.line, $0.column) < (ranks[$1.file] ?? others, $1.line, $1.column)
    }
  }

  func error(_ file: String, _ message: String, field: String = "", line: Int = 0, column: Int = 0) {
    add(.init(severity: .error, file: file, line: line, column: column, field: field, message: message))
  }
}
