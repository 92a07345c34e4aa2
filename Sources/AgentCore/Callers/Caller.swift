internal import Foundation
internal import GRPCCore

/// Who asks over the agent's socket, as the kernel saw it when the connection was made (SO_PEERCRED, unix(7)).
struct Caller: Hashable, Sendable, ServerContext.TransportSpecific {
  let pid: Int32
  let uid: UInt32
  let gid: UInt32
  /// When the process began, in clock ticks since the host did: with it a number that is used again is told apart.
  let start: UInt64

  /// Whether the process is there still.
  var isAlive: Bool { Self.start(of: pid) == start && start != 0 }

  /// Field 22 of /proc/PID/stat (proc(5)); 0 where there is no such process.
  static func start(of pid: Int32) -> UInt64 {
    guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
      // The second field is the program's name in parentheses, which may hold anything.
      let end = text.lastIndex(of: ")")
    else { return 0 }
    let fields = text[text.index(after: end)...].split(separator: " ")
    return fields.count > 19 ? UInt64(fields[19]) ?? 0 : 0
  }
}

extension ServerContext {
  /// Who asks; throws where the kernel did not say.
  var caller: Caller {
    get throws(RPCError) {
      guard let caller = transportSpecific as? Caller else {
        throw RPCError(code: .unauthenticated, message: "the kernel does not say who is at the other end of the socket")
      }
      return caller
    }
  }

  /// Fails unless root asks, or the user the agent runs as.
  func requireOperator(to what: String) throws(RPCError) {
    let caller = try caller
    guard caller.uid == 0 || caller.uid == AgentProcess.uid else {
      throw RPCError(
        code: .permissionDenied,
        message: "only root and the agent's own user may \(what); this is user \(caller.uid)"
      )
    }
  }
}
