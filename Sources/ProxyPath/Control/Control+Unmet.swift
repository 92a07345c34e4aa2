internal import Discovery
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// Questions about what the rules do not know yet: one who has never come, of whom it may matter whether a proxy of the mesh is
/// at his address, or where a request or TLS client goes that names what nobody has named before. The path asks the agent when it meets them. So it is
/// asked before the question is answered, for as long as the path would wait, and both go by the same answer.
extension Control {
  /// A question of which the agent is asked something first.
  struct Unmet {
    let exchange: Slot
    let request: HTTPRequest
    let keys: [LookupKey]
    let due_ms: UInt64
  }

  /// What the agent is to be asked before this is answered; nothing where it has said it, is not there, or it makes no
  /// difference.
  func unmet(_ request: HTTPRequest, _ exchange: borrowing HTTPExchange) -> [LookupKey] {
    guard exchange.role == .admin, request.method == "GET", agent?.isConnected == true, Self.mayAsk(exchange),
      let question = try? AdminRequest(target: request.target)
    else { return [] }
    switch question {
    case .explain(.inbound, let source?, let to): return isUnmet(source, to.port) ? [.address(source)] : []
    case .explainRequest(let asked):
      guard asked.direction == .inbound else { return unmet(asked.request) }
      guard asked.identity == nil, let source = asked.source, let to = asked.request.destination,
        snapshots.rules.table.isMeshed(to.ip)
      else { return [] }
      return isUnmet(source, to.port) ? [.address(source)] : []
    case .explainServerName(let asked): return unmet(asked)
    default: return []
    }
  }

  /// Where a TLS client dials and whom it names, where the rules know neither.
  private func unmet(_ asked: ServerNameQuestion) -> [LookupKey] {
    unmet(asked.name, asked.destination) { $0.port(serverName: $1, asked.port) }
  }

  /// The same of a request.
  private func unmet(_ request: ImaginedRequest) -> [LookupKey] {
    let address = request.destination ?? request.hostAddress
    return unmet(request.host, address) { $0.port(named: $1, address?.port ?? request.port ?? 80) }
  }

  private func unmet(
    _ name: String,
    _ address: SocketAddress?,
    find: (RequestTable, UnsafeRawBufferPointer) -> Int?
  ) -> [LookupKey] {
    let table = snapshots.rules.table
    var keys: [LookupKey] = []
    if let address, table.port(at: address) == nil, !address.ip.isUnspecified { keys.append(.address(address.ip)) }
    let name = Array(name.utf8).withUnsafeBytes { name -> LookupKey? in
      guard find(table, name) == nil, RequestTable.mayName(name) else { return nil }
      return LookupKey(host: name, in: table.workload.namespace)
    }
    if let name { keys.append(name) }
    return keys.filter { agent?.session.view.hasSettled($0) == false }
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
