internal import DNS
internal import MeshModel
internal import NameService

/// The names that the mesh tells the name server, which serves on threads of its own.
struct NameBoard: Sendable {
  private let server: MeshNameServer

  init(_ server: MeshNameServer) { self.server = server }

  func put(_ service: Service) { server.update { $0.put(service) } }

  func remove(namespace: String, name: String) { server.update { $0.remove(name, in: namespace) } }
}
