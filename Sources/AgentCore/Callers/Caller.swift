internal import GRPCCore

/// Who asks over the agent's socket, as the kernel saw it when the connection was made (SO_PEERCRED, unix(7)).
struct Caller: Sendable, ServerContext.TransportSpecific {
  let uid: UInt32
  let gid: UInt32
  let process: PeerProcess

  var pid: Int32 { process.pid }
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
