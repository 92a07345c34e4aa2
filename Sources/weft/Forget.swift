import ArgumentParser
import MeshAPI

/// `weft forget`: a host will not come back.
struct Forget: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Drops what a host that will not come back once wrote.",
    discussion: "Documents that it wrote stay; a host that is alive is not forgotten."
  )

  @OptionGroup var agent: AgentOptions
  @OptionGroup var format: OutputOptions

  @Option(help: ArgumentHelp("Which of several hosts of one name; weft members shows it.", valueName: "fingerprint"))
  var fingerprint = ""

  @Argument(help: "The host's name.")
  var host: String

  func run() throws {
    var request = Weft_Agent_V1_ForgetRequest()
    request.hostName = host
    request.fingerprint = fingerprint
    let records = try agent.calls.call("Forget", request, as: Weft_Agent_V1_ForgetReply.self).records
    try format.output.print(["host": host, "records": "\(records)"]) { _ in
      "host \(Printable.text(host)) forgotten: \(Amounts.count(Int(records), "record", "records")) dropped\n"
    }
  }
}
