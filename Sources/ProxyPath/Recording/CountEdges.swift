internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// Where edges are counted: requests when they are sent to an endpoint, other connections when it is known that they are none.
extension Worker {
  /// A request of this client goes to `target`, through its proxy where it goes over a stream.
  func countEdge(of client: UnsafeMutablePointer<HTTPClient>, to target: UInt32, isPeerStream: Bool) {
    let peer: SPIFFEID?
    var isServerTLS = false
    let destination: SocketAddress
    switch client.pointee.direction {
    case .outbound:
      peer = isPeerStream ? http.targets.peer(of: target)?.identity : nil
      isServerTLS = http.targets[target].way.number != nil
      destination = http.targets[target].address
    case .inbound:
      peer = client.pointee.peer?.name.id
      destination = client.pointee.destination
    }
    let key = EdgeKey(
      direction: client.pointee.direction,
      security: peer != nil ? .mutualTLS : isServerTLS ? .serverTLS : .plain,
      source: client.pointee.source.ip,
      destination: destination
    )
    edges.count(.request, key, peer: peer, tick: tick)
  }

  /// What is spoken on this connection is known now, and not HTTP/1.
  func countEdge(of connection: UnsafeMutablePointer<Connection>) {
    connection.pointee.isEdgeCounted = true
    let isTLS = connection.pointee.detection.result == .tls
    var peer = connection.pointee.peer?.name.id
    if connection.pointee.direction == .outbound, connection.pointee.upstream.isPeerStream {
      peer = peers.identity(behind: connection.pointee.upstream.stream.slot)
    }
    let isServerTLS = connection.pointee.way.number != nil
    let isInbound = connection.pointee.direction == .inbound
    let key = EdgeKey(
      direction: connection.pointee.direction,
      security: peer != nil ? .mutualTLS : isServerTLS ? .serverTLS : isTLS ? .programTLS : .plain,
      source: connection.pointee.source.ip,
      destination: isInbound ? connection.pointee.destination : connection.pointee.upstreamAddress
    )
    edges.count(.connection, key, peer: peer, tick: tick)
  }
}

extension PeerStores {
  /// Who has proved to be at the other end of a stream.
  func identity(behind slot: Slot) -> SPIFFEID? {
    guard let stream = streams.pointer(slot), let connection = connections.pointer(stream.pointee.connection) else {
      return nil
    }
    return connection.pointee.proven?.name.id
  }
}
