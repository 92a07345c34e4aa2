internal import MeshModel
internal import Policy
internal import Reactor

/// A new policy, which is decided by again for all that is open.
extension Worker {
  /// Takes a new policy into use and ends what it forbids.
  func adopt(_ table: PolicyTable, _ version: UInt32, _ rules: RequestRules) {
    guard version != keeper.policyVersion else { return adoptEndpoints(table, rules) }
    let older = keeper.rules.table
    keeper.policy = table
    keeper.policyVersion = version
    keeper.rules = rules
    adoptRules(rules)
    judgeProgramsAgain()
    judgeConnectionsAgain(rules.table, numberedBy: older)
    judgeClientsAgain()
    judgePeersAgain()
  }

  /// Relayed connections. Their ports and rules are numbers of the older table, and get those of the new one.
  private func judgeConnectionsAgain(_ table: RequestTable, numberedBy older: RequestTable) {
    for index in 0..<connections.extent {
      guard let slot = connections.tenant(index), let connection = connections.pointer(slot) else { continue }
      if connection.pointee.servicePort >= 0 {
        connection.pointee.servicePort = table.number(older.ports[Int(connection.pointee.servicePort)])
      }
      if connection.pointee.rule >= 0 {
        connection.pointee.rule = table.number(ofServerRule: older.rules[Int(connection.pointee.rule)])
      }
      connection.pointee.verdict = keeper.verdict(
        connection.pointee.direction,
        from: connection.pointee.source,
        to: connection.pointee.upstreamAddress
      )
      let isRelayed = connection.pointee.detection.isSettled && connection.pointee.detection.result != .http1
      if isRelayed, connection.pointee.direction == .inbound, let verdict = verdictOnOpaque(connection),
        !verdict.isAllowed
      {
        connection.pointee.requestVerdict = verdict
        close(slot, .forbiddenByNewPolicy, code: 0)
      } else if !connection.pointee.verdict.isAllowed {
        close(slot, .forbiddenByNewPolicy, code: 0)
      }
    }
  }

  /// Clients whose requests are served one by one.
  private func judgeClientsAgain() {
    for index in 0..<http.clients.extent {
      guard let slot = http.clients.tenant(index), let client = http.clients.pointer(slot) else { continue }
      let verdict = keeper.verdict(
        client.pointee.direction,
        from: client.pointee.source,
        to: client.pointee.destination
      )
      client.pointee.verdict = verdict
      // Where requests go by name, each is judged by the endpoint it is sent to.
      if !verdict.isAllowed, !isService(client.pointee.direction, client.pointee.destination) {
        endClient(slot, .forbiddenByNewPolicy, code: 0)
      }
    }
  }
}
