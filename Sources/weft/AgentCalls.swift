import AgentLink
import SwiftProtobuf

/// Asks this host's agent: one connection, one call, one reply.
struct AgentCalls {
  /// The socket's path.
  let path: String

  private static let service = "weft.agent.v1.Agent"

  /// The agent's reply to `request`.
  func call<Request: Message, Reply: Message>(
    _ method: String,
    _ request: Request,
    as reply: Reply.Type = Reply.self
  ) throws(CommandFailure) -> Reply {
    do throws(AgentCallError) {
      var client = try AgentClient(path: path)
      return try client.call(GRPCMethod(service: Self.service, name: method), request)
    } catch {
      throw CommandFailure(Self.exitCode(error), error.description)
    }
  }

  static func exitCode(_ error: AgentCallError) -> Int32 {
    switch error {
    case .unreachable(.unreachable(.notPermitted)): CommandFailure.missing
    case .refused(_, let status):
      switch status.code {
      case .permissionDenied, .unauthenticated: CommandFailure.missing
      case .invalidArgument: CommandFailure.usage
      default: CommandFailure.failed
      }
    default: CommandFailure.failed
    }
  }
}
