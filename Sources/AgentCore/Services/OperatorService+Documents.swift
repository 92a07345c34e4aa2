internal import GRPCCore
internal import MeshAPI
internal import MeshDocuments
internal import SwiftProtobuf

/// The mesh's documents: everybody reads them, operators change them.
extension OperatorService {
  func apply(request: Weft_Agent_V1_ApplyRequest, context: ServerContext) async throws -> Weft_Agent_V1_ApplyReply {
    if !request.dryRun { try context.requireOperator(to: "apply documents") }
    let sources = request.sources.map { DocumentSource(name: $0.name, bytes: [UInt8]($0.text)) }
    return try await Refusals.told { Weft_Agent_V1_ApplyReply(try await mesh.apply(sources, isDryRun: request.dryRun)) }
  }

  func get(request: Weft_Agent_V1_GetRequest, context: ServerContext) async throws -> Weft_Agent_V1_GetReply {
    var kinds: Set<String>?
    if !request.kind.isEmpty {
      guard let kind = KindNames.kind(of: request.kind) else {
        throw RPCError(
          code: .invalidArgument,
          message: "\"\(request.kind)\" is no kind of document; \(KindNames.suggestion(for: request.kind))"
        )
      }
      kinds = [kind]
    }
    let accounts = await mesh.accounts(kinds: kinds, namespace: request.namespace, name: request.name)
    return Weft_Agent_V1_GetReply.with { $0.documents = accounts.map(Weft_Agent_V1_GetReply.Document.init) }
  }

  func delete(request: Weft_Agent_V1_DeleteRequest, context: ServerContext) async throws -> Weft_Agent_V1_ApplyReply {
    if !request.dryRun { try context.requireOperator(to: "delete documents") }
    let keys = request.keys.map { DocumentKey(kind: $0.kind, namespace: $0.namespace, name: $0.name) }
    return try await Refusals.told { Weft_Agent_V1_ApplyReply(try await mesh.delete(keys, isDryRun: request.dryRun)) }
  }
}
