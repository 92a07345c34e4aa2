import ArgumentParser
import MeshAPI
import MeshDocuments
import MeshModel

/// `weft validate`: are these documents right?
struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks the documents of the mesh; changes nothing.",
    discussion: """
      Errors are printed as file:line:column: field: message, and the exit code is 2. The documents are held against \
      each other, or with --agent against all that the mesh has.
      """
  )

  @Flag(name: .customLong("agent"), help: "Hold them against the documents of the mesh, as weft apply --dry-run does.")
  var asksAgent = false

  @OptionGroup var agent: AgentOptions
  @OptionGroup var documents: DocumentOptions
  @OptionGroup var format: OutputOptions

  func run() throws {
    if asksAgent { return try ask() }
    let reading = documents.read()
    let report = ValidationReport(reading)
    try format.output.print(report) { _ in report.isValid ? "\(reading.summary): right\n" : "" }
    if !report.isValid { throw ExitCode(CommandFailure.usage) }
  }

  private func ask() throws {
    let request = Apply.request(try documents.sources(), isDryRun: true)
    let reply = try agent.calls.call("Apply", request, as: Weft_Agent_V1_ApplyReply.self)
    try ChangeReport(reply, isDryRun: true).tell(format)
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
  /// The names of what there is, `namespace/name`, each kind in order.
  let policies: [String]
  let services: [String]
  let routes: [String]
  let authorizationPolicies: [String]
  let requestAuthentications: [String]
  let peerAuthentications: [String]
  let trafficPolicies: [String]
  let telemetries: [String]
  let sidecars: [String]
  let revision: String?
  let issues: [Issue]
  /// Issues that were found and not listed.
  let leftOut: Int

  init(_ reading: DocumentReading) {
    isValid = reading.snapshot != nil
    files = reading.files
    let mesh = reading.snapshot?.mesh ?? .empty
    policies = reading.snapshot?.policies.map(\.fullName) ?? []
    services = mesh.services.map(\.fullName)
    routes = mesh.routes.map(\.fullName)
    authorizationPolicies = mesh.authorizations.map(\.fullName)
    requestAuthentications = mesh.authentications.map(\.fullName)
    peerAuthentications = mesh.peerAuthentications.map(\.fullName)
    trafficPolicies = mesh.traffic.map(\.fullName)
    telemetries = mesh.telemetry.map(\.fullName)
    sidecars = mesh.sidecars.map(\.fullName)
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
