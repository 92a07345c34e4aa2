import ArgumentParser
import FoundationEssentials
import MeshAPI
import MeshDocuments

/// `weft apply`: makes documents the mesh's.
struct Apply: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes documents the mesh's, all of them or none.",
    discussion: """
      They are held against all that the mesh has. Errors are printed as file:line:column: field: message, and the exit \
      code is 2. Every host gets them; of concurrent writes the last wins, and the others are shown by weft get.
      """
  )

  @OptionGroup var agent: AgentOptions
  @OptionGroup var documents: DocumentOptions
  @OptionGroup var format: OutputOptions

  @Flag(help: "Only say what would be done.")
  var dryRun = false

  func run() throws {
    let request = Self.request(try documents.sources(), isDryRun: dryRun)
    let reply = try agent.calls.call("Apply", request, as: Weft_Agent_V1_ApplyReply.self)
    try ChangeReport(reply, isDryRun: dryRun).tell(format)
  }

  static func request(_ sources: [DocumentSource], isDryRun: Bool) -> Weft_Agent_V1_ApplyRequest {
    var request = Weft_Agent_V1_ApplyRequest()
    request.dryRun = isDryRun
    request.sources = sources.map { source in
      var message = Weft_Agent_V1_ApplyRequest.Source()
      message.name = source.name
      message.text = Data(source.bytes)
      return message
    }
    return request
  }
}
