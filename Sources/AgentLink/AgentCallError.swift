/// Why a call of the agent brought no answer, for the person who asked.
public enum AgentCallError: Error, Equatable, CustomStringConvertible {
  /// There is no connection.
  case unreachable(AgentConnectionError)
  /// The agent said no; the status has its words.
  case refused(GRPCMethod, GRPCStatus)
  /// No answer came in so many milliseconds.
  case timedOut(GRPCMethod, path: String, timeout_ms: UInt64)
  /// The connection broke while the answer was awaited; it may have been done or not.
  case broken(path: String, reason: String)
  /// What came is not what the method answers with.
  case unreadable(GRPCMethod, reason: String)
  /// The question could not be sent.
  case unsendable(GRPCMethod, reason: String)

  /// One sentence without its full stop, with what to check.
  public var description: String {
    switch self {
    case .unreachable(let error): error.text(naming: true)
    case .refused(let method, let status) where status.code == .unimplemented:
      "the agent does not know \(method): is it of another version? (\(status))"
    case .refused(_, let status): status.message.isEmpty ? "the agent refuses: \(status.code)" : status.message
    case .timedOut(let method, let path, let timeout_ms):
      "the agent at \(path) did not answer \(method.name) within \(Self.seconds(timeout_ms)); is it stuck? "
        + "try `journalctl -u weft-agent`"
    case .broken(let path, let reason):
      "the connection to the agent at \(path) broke before it answered: \(reason)"
    case .unreadable(let method, let reason):
      "the agent's answer to \(method.name) is not what this weft understands: \(reason); is it of another version?"
    case .unsendable(let method, let reason): "\(method.name) cannot be sent: \(reason)"
    }
  }

  private static func seconds(_ time_ms: UInt64) -> String {
    time_ms % 1000 == 0 ? "\(time_ms / 1000) s" : "\(time_ms) ms"
  }
}
