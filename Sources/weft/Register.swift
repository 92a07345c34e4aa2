import ArgumentParser
import FoundationEssentials
import MeshAPI
import MeshDocuments

/// `weft register`: tells the agent of what runs on this host.
struct Register: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Registers services of this host, so that all hosts reach them by name.",
    discussion: """
      By a service file, or by options: weft register --name web --port 8080 --check tcp. A registration replaces the \
      one of the same namespace, name and instance.
      """
  )

  @OptionGroup var agent: AgentOptions
  @OptionGroup var format: OutputOptions

  @Option(
    name: [.customShort("f"), .customLong("file")],
    help: ArgumentHelp("A service file, or - for standard input; repeatable.", valueName: "path")
  )
  var files: [String] = []

  @OptionGroup var service: ServiceOptions

  func validate() throws {
    guard files.isEmpty == service.isGiven else {
      let both = "describe the service by -f or by options, not by both"
      throw ValidationError(files.isEmpty ? "name a service file with -f PATH, or the service with --name" : both)
    }
    if files.isEmpty { try service.validateAsFile() }
  }

  func run() throws {
    let sources = files.isEmpty ? [service.source] : try DocumentOptions.sources(files)
    var reports: [RegistrationReport] = []
    for source in sources {
      var request = Weft_Agent_V1_RegisterRequest()
      request.source = source.name
      request.text = Data(source.bytes)
      let report = RegistrationReport(try agent.calls.call("Register", request, as: Weft_Agent_V1_RegisterReply.self))
      report.issues.tell(leftOut: report.leftOut)
      reports.append(report)
    }
    let all = RegistrationReport(reports)
    if !all.isRefused || format.output != .table { try format.output.print(all) { all.text($0, "registered") } }
    if all.isRefused { throw CommandFailure(CommandFailure.usage) }
  }
}

/// `weft deregister`: takes back what was registered.
struct Deregister: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Takes back the registration of a service of this host.")

  @OptionGroup var agent: AgentOptions
  @OptionGroup var namespace: NamespaceOptions
  @OptionGroup var format: OutputOptions

  @Option(help: ArgumentHelp("Which instance, where the host runs several.", valueName: "name"))
  var instance = ""

  @Argument(help: "The service's name.")
  var name: String

  func run() throws {
    var request = Weft_Agent_V1_DeregisterRequest()
    request.namespace = namespace.namespace
    request.name = name
    request.instance = instance
    let report = RegistrationReport(try agent.calls.call("Deregister", request, as: Weft_Agent_V1_RegisterReply.self))
    report.issues.tell(leftOut: report.leftOut)
    if !report.isRefused { try format.output.print(report) { report.text($0, "deregistered") } }
    if report.isRefused { throw CommandFailure(CommandFailure.failed) }
  }
}
