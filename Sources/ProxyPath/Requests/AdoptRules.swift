internal import MeshModel
internal import Policy
internal import Reactor

extension Worker {
  /// Takes new rules into use. Requests under way are followed to their end by the old ones.
  func adoptRules(_ rules: RequestRules) {
    let older = http.shelf.inForce.map { $0.takeUnretainedValue().table } ?? .empty
    http.shelf.adopt(rules)
    http.clusters.adopt(rules.table, after: older, &http.targets, now_ns: now_ns)
    noteDepartures()
    seriesCache.forget()
    tcpSeries.forget()
  }

  /// Takes rules into use that differ from those in force in endpoints and peers alone: every number means what it meant,
  /// so verdicts, series and requests under way stay as they are.
  func adoptEndpoints(_ table: PolicyTable, _ rules: RequestRules) {
    keeper.policy = table
    keeper.rules = rules
    http.shelf.replace(rules)
    http.clusters.adopt(rules.table, after: nil, &http.targets, now_ns: now_ns)
    noteDepartures()
    noteExceptions()
  }

  /// The version of the rules in force; 0 where none are.
  var rulesVersion: UInt32 { http.shelf.inForce?._withUnsafeGuaranteedRef { $0.version } ?? 0 }

  /// Whether what a peer says of the chain before it, and of its trace, goes on: it is an endpoint of the mesh.
  func isTrusted(_ peer: IPAddress) -> Bool {
    http.shelf.inForce?._withUnsafeGuaranteedRef { $0.table.isKnownEndpoint(peer) } ?? false
  }

  /// Whether an outbound destination is a service's virtual address.
  func isService(_ direction: Direction, _ destination: SocketAddress) -> Bool {
    guard direction == .outbound else { return false }
    return http.shelf.inForce?._withUnsafeGuaranteedRef { $0.table.port(at: destination) != nil } ?? false
  }

  /// Lets go of clients between two requests; the others are told with their answer that it is the last.
  func beginDraining() {
    isDraining = true
    for index in 0..<http.clients.extent {
      guard let slot = http.clients.tenant(index), let client = http.clients.pointer(slot) else { continue }
      client.pointee.endsAfterAnswer = true
      guard client.pointee.phase == .awaiting, client.pointee.held.isEmpty else { continue }
      client.pointee.phase = .closing
      serveClient(slot)
    }
    announceEnd()
  }
}
