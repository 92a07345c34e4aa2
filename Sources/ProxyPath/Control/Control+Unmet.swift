internal import Discovery
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// Questions about one who has never come. Whether a proxy of the mesh is at his address may decide what becomes of him, and
/// the path asks the agent that when he comes. So it is asked before the question is answered, for as long as the path would
/// wait, and both go by the same answer.
extension Control {
  /// A question of which the agent is asked something first.
  struct Unmet {
    let exchange: Slot
    let request: HTTPRequest
    let key: LookupKey
    let due_ms: UInt64
  }

  /// Whether whoever asks may: root, and the proxy's own user.
  static func mayAsk(_ exchange: borrowing HTTPExchange) -> Bool {
    UnixSocket.peer(of: exchange.socket).map { $0.uid == 0 || $0.uid == ProcessIdentity.uid } ?? false
  }

  /// Whether whoever may ask may ask this. What a proxy gets from the one that it replaces it gets within their pod, whoever it
  /// is; to drain the proxy is root's and who is of the pod. Proxies of several pods may share a user and a directory, and one
  /// must not be able to take or end what another serves. Linux before 5.14 does not tell, and then the user decides alone.
  static func mayAct(_ request: HTTPRequest, _ exchange: borrowing HTTPExchange) -> Bool {
    switch (request.method, request.target) {
    case (_, "/v1/listeners"), (_, "/v1/names"), (_, "/v1/sources"), (_, "/v1/retire"):
      !UnixSocket.isOfOtherNamespace(exchange.socket)
    case (_, "/v1/drain"):
      !UnixSocket.isOfOtherNamespace(exchange.socket) || UnixSocket.peer(of: exchange.socket)?.uid == 0
    default: true
    }
  }

  /// What the agent is to be asked before this is answered; nil where it has said it, is not there, or it makes no difference.
  func unmetSource(_ request: HTTPRequest, _ exchange: borrowing HTTPExchange) -> LookupKey? {
    guard exchange.role == .admin, request.method == "GET", agent?.isConnected == true, Self.mayAsk(exchange),
      let question = try? AdminRequest(target: request.target)
    else { return nil }
    switch question {
    case .explain(.inbound, let source?, let to): return isUnmet(source, to.port) ? .address(source) : nil
    case .explainRequest(let asked):
      guard asked.direction == .inbound, asked.identity == nil, let source = asked.source,
        let to = asked.request.destination, snapshots.rules.table.isMeshed(to.ip)
      else { return nil }
      return isUnmet(source, to.port) ? .address(source) : nil
    default: return nil
    }
  }

  /// Whether it matters who is at `source`, and nobody has said it yet.
  private func isUnmet(_ source: IPAddress, _ port: UInt16) -> Bool {
    guard let agent, !agent.session.view.hasSettled(.address(source)) else { return false }
    let rules = snapshots.rules
    return !rules.table.isMeshed(source) && !rules.peerRules.isDecided(port: port, now_s: wall_s)
  }

  /// Says of a verdict on someone of whom the agent has not said who he is that it is one by what is known.
  func noteUnmet(_ peer: inout PeerExplanation?, _ source: IPAddress, _ port: UInt16) {
    guard peer?.identity.isEmpty == true, isUnmet(source, port) else { return }
    peer?.verdict.reason +=
      "; whether a proxy is at \(source) is not known, the agent does not say it, and without its word nobody is kept waiting"
  }
}
