import ArgumentParser
import MeshAPI

/// `weft report`: a program says by itself how it is.
struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reports the result of a ttl check of a service of this host."
  )

  enum Result: String, ExpressibleByArgument, CaseIterable {
    case pass, warn, fail

    fileprivate var message: Weft_Agent_V1_ReportRequest.Result {
      switch self {
      case .pass: .passing
      case .warn: .warning
      case .fail: .failing
      }
    }
  }

  @OptionGroup var agent: AgentOptions
  @OptionGroup var namespace: NamespaceOptions

  @Option(help: ArgumentHelp("Which instance, where the host runs several.", valueName: "name"))
  var instance = ""

  @Option(help: ArgumentHelp("Which check, where it has several of this kind.", valueName: "name"))
  var check = ""

  @Option(help: ArgumentHelp("What weft endpoints shows beside it.", valueName: "text"))
  var output = ""

  @Argument(help: "The service's name.")
  var name: String

  @Argument(help: "pass, warn or fail.")
  var result: Result

  func run() throws {
    var request = Weft_Agent_V1_ReportRequest()
    request.namespace = namespace.namespace
    request.name = name
    request.instance = instance
    request.check = check
    request.result = result.message
    request.output = output
    _ = try agent.calls.call("Report", request, as: Weft_Agent_V1_ReportReply.self)
  }
}
