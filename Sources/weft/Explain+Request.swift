import ArgumentParser
import Explanations
import Glibc
import MeshModel

/// `weft explain --request`: what would become of a request?
extension Explain {
  /// Prints what a proxy, or the documents, say of it. What would be refused ends with exit code 1.
  func explain(_ question: RequestQuestion) throws {
    let refusal: String?
    switch question.direction {
    case .outbound:
      let explained = try outbound(question)
      try format.output.print(explained) { OutboundText(explanation: explained).text($0) }
      refusal = explained.refusal
    case .inbound:
      let explained = try inbound(question)
      try format.output.print(explained) { InboundText(explanation: explained).text($0) }
      refusal = explained.outcome == .allowed ? nil : explained.summary
    }
    if refusal != nil { throw ExitCode(CommandFailure.failed) }
  }

  private func outbound(_ question: RequestQuestion) throws -> RequestExplanation {
    guard offline.files.isEmpty else { return try offline.judge().explain(outbound: question.request) }
    return try ask(question, as: RequestExplanation.self)
  }

  private func inbound(_ question: RequestQuestion) throws -> InboundExplanation {
    guard !offline.files.isEmpty, let source = question.source, let destination = question.request.destination else {
      return try ask(question, as: InboundExplanation.self)
    }
    let now_s = Int64(time(nil))
    return try offline.judge().explain(
      inbound: question.request,
      from: source,
      as: question.identity,
      to: destination,
      now_s: now_s
    )
  }

  private func ask<Reply: Decodable>(_ question: RequestQuestion, as type: Reply.Type) throws -> Reply {
    let request = AdminRequest.explainRequest(question)
    guard request.target.utf8.count <= AdminRequest.maxTargetBytes else {
      throw CommandFailure(
        CommandFailure.usage,
        "the request is longer than the \(AdminRequest.maxTargetBytes) bytes that a proxy takes a question in; ask "
          + "documents with -f"
      )
    }
    return try options.single().client.get(request, as: type)
  }
}
