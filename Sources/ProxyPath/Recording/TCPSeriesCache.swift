internal import MeshModel
internal import Policy
internal import Telemetry

/// What the two ends of a connection are counted under, as long as it lasts; 0 for what has no series of its own.
struct TCPEnds: BitwiseCopyable {
  var source: UInt16 = 0
  var destination: UInt16 = 0
}

/// The numbers of series that a worker has asked for lately, so that counting a connection hashes no text.
final class TCPSeriesCache {
  private let registry: TCPSeriesRegistry
  /// Places: a power of two beyond the services that a pod usually deals with, both ends of each.
  private let numbers = NumberTable(bits: 8)

  init(_ registry: TCPSeriesRegistry) { self.registry = registry }

  /// A new table numbers ports anew.
  func forget() { numbers.forget() }

  /// The series of one end; `port` is an index of the table's, -1 for no service.
  func number(
    _ direction: Direction,
    _ peer: Peer,
    _ security: TCPSecurity,
    port: Int32,
    _ table: RequestTable
  ) -> UInt16 {
    let end = (direction == .inbound ? 0 : 2) + UInt64(peer.rawValue)
    // Ports are counted from 1 here, so that none is apart from the first.
    let key = UInt64(UInt32(bitPattern: port &+ 1)) << 8 | UInt64(security.rawValue) << 2 | end
    let place = numbers.place(of: key)
    guard place.pointee.key != key else { return UInt16(truncatingIfNeeded: place.pointee.number) }
    let service = port < 0 ? nil : table.ports[Int(port)].label
    let number = registry.number(TCPSeries(direction, peer, security, service))
    place.pointee = NumberTable.Entry(key: key, number: Int32(number))
    return number
  }
}

extension ServicePort {
  fileprivate var label: TCPSeries.Service { .init(namespace: namespace, name: service, port: port) }
}

extension Worker {
  /// What the side that dialled is counted under: by where it dialled, whichever service it names later.
  func sourceSeries(
    _ direction: Direction,
    to destination: SocketAddress,
    _ servicePort: Int32,
    isProven: Bool
  ) -> UInt16 {
    let security: TCPSecurity = isProven ? .mutual : direction == .outbound ? .loopback : .notOffered
    let port = direction == .outbound ? servicePort : portServed(at: destination)
    return tcpSeries.number(direction, .source, security, port: port, keeper.rules.table)
  }

  /// What the side that was dialled is counted under, now that it is connected.
  func destinationSeries(of connection: UnsafeMutablePointer<Connection>) -> UInt16 {
    guard connection.pointee.direction == .outbound else {
      let port = portServed(at: connection.pointee.destination)
      return tcpSeries.number(.inbound, .destination, .loopback, port: port, keeper.rules.table)
    }
    let isMutual = connection.pointee.upstream.isPeerStream
    let security: TCPSecurity = isMutual ? .mutual : connection.pointee.way.number != nil ? .server : .unmeshed
    return tcpSeries.number(.outbound, .destination, security, port: connection.pointee.servicePort, keeper.rules.table)
  }

  /// The service that the pod is an endpoint of there; -1 for none that is known.
  private func portServed(at destination: SocketAddress) -> Int32 {
    keeper.rules.table.port(servedAt: destination).map { Int32($0) } ?? -1
  }
}
