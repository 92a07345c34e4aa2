/// Why there is no connection to the agent.
public enum AgentConnectionError: Error, Equatable, CustomStringConvertible {
  /// Its socket cannot be connected to.
  case unreachable(AgentUnreachable)
  /// No session could be made on it, for want of memory.
  case client(GRPCError)

  /// One sentence without its full stop.
  public var description: String { text(naming: false) }

  func text(naming: Bool) -> String {
    switch self {
    case .unreachable(let reason): reason.text(naming: naming)
    case .client(let error): error.description
    }
  }
}
