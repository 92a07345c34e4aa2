import ArgumentParser
import Explanations
import MeshModel

/// `weft explain --sni`: what would become of a connection of a program that speaks TLS itself?
extension Explain {
  /// What `--sni` asks; nil without it.
  func serverNameQuestion() throws -> ServerNameQuestion? {
    guard let sni else { return nil }
    guard connection == nil, request == nil else {
      throw ValidationError("name either a connection, --request or --sni, not several")
    }
    guard direction == .outbound else {
      throw ValidationError("--sni is of connections that leave; of those that come, policies ask for connection.sni")
    }
    guard header.isEmpty else { throw ValidationError("--header belongs to --request") }
    guard from == nil else {
      throw ValidationError("--from goes with --direction inbound; who asks by --sni is the workload")
    }
    if let to, to.port == 0 { throw ValidationError("--to \(to) needs a port from 1 to 65535") }
    do {
      return try ServerNameQuestion(text: sni, to: to)
    } catch {
      throw ValidationError("--sni: \(error.description)")
    }
  }

  /// Prints what a proxy, or the documents, say of it. What would be refused ends with exit code 1.
  func explain(_ question: ServerNameQuestion) throws {
    let explained =
      try offline.files.isEmpty
      ? options.single().client.get(.explainServerName(question), as: ServerNameExplanation.self)
      : offline.judge().explain(question)
    try format.output.print(explained) { ServerNameText(explanation: explained).text($0) }
    if explained.refusal != nil { throw ExitCode(CommandFailure.failed) }
  }
}
