internal import Balancing
internal import MeshModel
internal import Policy
internal import Reactor

/// TLSRoutes: where connections of TLS clients go by the name that they ask for, once it is known which service they are for.
extension Worker {
  /// Goes on to a service that the client names, or to where that one's TLSRoutes lead; true as `followHello` says.
  func follow(_ connection: UnsafeMutablePointer<Connection>, _ slot: Slot, to port: Int) -> Bool {
    // It was led already: another draw may lead elsewhere.
    guard connection.pointee.rule < 0 else { return false }
    guard keeper.rules.table.hasServerRoutes(port) else { return lead(connection, slot, to: port) }
    // What has begun to be said to one server is for that one.
    guard isUntold(connection) else { return false }
    switch routeOfServer(connection, port) {
    case .direct: return lead(connection, slot, to: port)
    case .rule(let rule, let backend, _):
      connection.pointee.rule = Int32(truncatingIfNeeded: rule)
      return lead(connection, slot, to: Int(backend))
    case .noBackend(let rule):
      connection.pointee.rule = Int32(truncatingIfNeeded: rule)
      connection.pointee.servicePort = Int32(truncatingIfNeeded: port)
    case .noRule: connection.pointee.servicePort = Int32(truncatingIfNeeded: port)
    }
    close(slot, .noRoute, code: 0)
    return true
  }

  /// The same for a client that names no service and has dialled the address of one.
  func followDialled(_ connection: UnsafeMutablePointer<Connection>, _ slot: Slot) -> Bool {
    let port = Int(connection.pointee.servicePort)
    guard port >= 0, keeper.rules.table.hasServerRoutes(port) else { return false }
    return follow(connection, slot, to: port)
  }

  /// Whether a TLSRoute may lead it elsewhere than to the service that it has dialled.
  func mayStillBeRouted(_ connection: UnsafeMutablePointer<Connection>) -> Bool {
    let port = Int(connection.pointee.servicePort)
    return port >= 0 && connection.pointee.rule < 0 && keeper.rules.table.hasServerRoutes(port)
  }

  private func routeOfServer(_ connection: UnsafeMutablePointer<Connection>, _ port: Int) -> RouteChoice {
    let draw = http.random.next()
    guard let hello = connection.pointee.detection.hello, hello.pointee.nameCount > 0 else {
      let nobody = UnsafeRawBufferPointer(start: nil, count: 0)
      return keeper.rules.table.route(port, serverName: nobody, draw: draw)
    }
    return hello.pointee.withName { keeper.rules.table.route(port, serverName: $0, draw: draw) }
  }
}
