import ArgumentParser
import MeshDocuments
import MeshModel

/// `weft validate`: are these documents right?
struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks policy documents; changes nothing.",
    discussion: "Errors are printed as file:line:column: field: message, and the exit code is 2."
  )

  @OptionGroup var documents: DocumentOptions
  @OptionGroup var format: OutputOptions

  func run() throws {
    let reading = documents.read()
    let report = ValidationReport(reading)
    try format.output.print(report) { _ in report.isValid ? "\(reading.summary): right\n" : "" }
    if !report.isValid { throw ExitCode(CommandFailure.usage) }
  }
}

/// What `weft validate -o json` prints.
struct ValidationReport: Encodable, Equatable {
  struct Issue: Encodable, Equatable {
    let severity: DocumentIssue.Severity
    let file: String
    let line: Int
    let column: Int
    let field: String
    let message: String
  }

  let isValid: Bool
  let files: Int
  let policies: [String]
  let revision: String?
  let issues: [Issue]
  /// Issues that were found and not listed.
  let leftOut: Int

  init(_ reading: DocumentReading) {
    isValid = reading.snapshot != nil
    files = reading.files
    policies = reading.snapshot?.policies.map(\.fullName) ?? []
    revision = reading.snapshot?.revision
    issues = reading.issues.map {
      Issue(
        severity: $0.severity,
        file: $0.file,
        line: $0.line,
        column: $0.column,
        field: $0.field,
        message: $0.message
      )
    }
    leftOut = reading.leftOut
  }
}
