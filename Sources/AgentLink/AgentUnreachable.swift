internal import Glibc
public import Kernel

/// Why the agent's socket could not be connected to.
public enum AgentUnreachable: Error, Equatable, CustomStringConvertible {
  /// There is no such socket.
  case noAgent(path: String)
  /// There is a socket, and nobody listens on it: an agent was ended without the time to remove it.
  case gone(path: String)
  /// Something lies there that is no socket.
  case noSocket(path: String)
  /// The socket is there for others; nil where even that cannot be seen.
  case notPermitted(path: String, SocketAccess?)
  /// So many wait to be accepted that there is no room for another: try again.
  case busy(path: String)
  /// Something else.
  case failed(SystemError)

  init(_ error: SystemError, path: String) {
    switch error.code {
    case ENOENT, ENOTDIR: self = .noAgent(path: path)
    // The kernel refuses a connection to whatever is no socket in the same words (unix(7)).
    case ECONNREFUSED: self = SocketAccess(path: path)?.isSocket == false ? .noSocket(path: path) : .gone(path: path)
    case EACCES, EPERM: self = .notPermitted(path: path, SocketAccess(path: path))
    case EAGAIN: self = .busy(path: path)
    default: self = .failed(error)
    }
  }

  /// One sentence without its full stop, with what to check; users and groups by their numbers.
  public var description: String { text(naming: false) }

  /// With `naming`, users and groups are looked up in the system's databases, which loads their libraries: nothing for a
  /// proxy.
  func text(naming: Bool) -> String {
    switch self {
    case .noAgent(let path):
      "no agent at \(path); is weft-agent running? try `systemctl status weft-agent`"
    case .gone(let path):
      "the agent at \(path) is gone and left its socket; try `systemctl status weft-agent`"
    case .noSocket(let path):
      "\(path) is no socket, so no agent listens there; the agent's is agent.sock in its --run-dir"
    case .notPermitted(let path, let access?):
      "no permission for \(path); \(access.text(naming: naming)) may talk to the agent"
    case .notPermitted(let path, nil):
      "no permission for \(path): its directory does not let this user in"
    case .busy(let path):
      "the agent at \(path) does not take connections: too many wait already"
    case .failed(let error):
      "cannot connect to the agent: \(error)"
    }
  }
}
