internal import MeshModel
internal import Policy
internal import Reactor

extension Worker {
  /// Takes new rules into use. Requests under way are followed to their end by the old ones.
  func adoptRules(_ rules: RequestRules) {
    http.shelf.adopt(rules)
    http.clusters.removeAll(ports: rules.table.ports.count, &http.targets)
    seriesCache.forget()
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
  }
}
