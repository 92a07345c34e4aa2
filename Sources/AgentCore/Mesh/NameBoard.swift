internal import DNS
internal import MeshModel
internal import NameService

/// The names that the mesh tells the name server, which serves on threads of its own.
struct NameBoard: Sendable {
  private let server: MeshNameServer

  init(_ server: MeshNameServer) { self.server = server }

  func put(_ service: Service) { server.update { $0.put(service) } }

  /// What of its work an operator may miss something of, by the names that counters have.
  func counters() async -> [String: UInt64] {
    let counts = await server.counts()
    return [
      "names_forwarded": counts.forwarded.sent, "names_failed": counts.forwarded.failed,
      "names_over_share": counts.forwarded.refused, "names_connections_over_share": counts.refusedConnections,
      "names_replies_dropped": counts.droppedReplies,
    ]
  }

  func remove(namespace: String, name: String) { server.update { $0.remove(name, in: namespace) } }
}
