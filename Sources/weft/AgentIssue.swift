import MeshAPI

/// Something that the agent finds wrong, or worth knowing, in what it was sent.
struct AgentIssue: Encodable, Equatable {
  let severity: String
  let file: String
  let line: UInt32
  let column: UInt32
  let message: String

  init(_ issue: Weft_Agent_V1_Issue) {
    severity = issue.isWarning ? "warning" : "error"
    file = issue.file
    line = issue.line
    column = issue.column
    message = issue.message
  }

  var isError: Bool { severity == "error" }

  /// `file:line:column: message`, as editors know how to follow.
  var text: String {
    let place = line > 0 ? "\(file):\(line):\(column)" : file
    return [place, isError ? "" : severity, message].filter { !$0.isEmpty }.joined(separator: ": ")
  }
}

extension [AgentIssue] {
  /// Prints them on standard error, a line each.
  func tell(leftOut: UInt32) {
    for issue in self { StandardError.write(issue.text) }
    if leftOut > 0 { StandardError.write("weft: and \(leftOut) more; mend these first") }
  }
}
