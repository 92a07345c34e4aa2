internal import Kernel
internal import MeshModel

/// Opens what a proxy listens on: for every worker its own socket on every port and family, so that the kernel spreads
/// connections and no worker waits for another (SO_REUSEPORT).
enum ListeningPorts {
  /// A port that cannot be served: which, for what, and why.
  struct Failure: Error, CustomStringConvertible {
    let role: String
    let error: SystemError
    var description: String {
      let other = "; does another proxy run in this pod? --replace takes over from one of the same name"
      return "cannot listen for \(role) connections: \(error)\(error.isAddressInUse ? other : error.descriptorAdvice)"
    }
  }

  static let wildcards = [IPAddress(v4: 0), IPAddress(high: 0, low: 0)]

  /// One table a worker. Throws where a port is taken; a family the kernel lacks is left out and named in `missing`.
  static func open(
    _ settings: ProxySettings,
    workers: Int,
    into tables: inout [WorkerListeners],
    missing: inout [String]
  ) throws(Failure) {
    for _ in 0..<workers { tables.append(WorkerListeners()) }
    var plan: [(Direction, UInt16)] = [(.outbound, settings.outboundPort)]
    for port in settings.inboundPorts { plan.append((.inbound, port)) }
    // Without an agent there is no identity to show to other proxies.
    if settings.agentPath != nil { plan.append((.inbound, ProxySettings.transportPort)) }
    for (direction, port) in plan {
      for ip in wildcards {
        let address = SocketAddress(ip, port: port)
        do {
          try claim(address)
          for table in tables {
            let socket = try FileDescriptor.listener(on: address)
            // What programs dial comes over loopback; what arrives from outside does not.
            if direction == .outbound { socket.setLocalCongestionControl() }
            table.append(socket.release(), direction)
          }
        } catch {
          guard error.isFamilyMissing else { throw Failure(role: direction.rawValue, error: error) }
          missing.append(ip.isIPv4 ? "IPv4" : "IPv6")
        }
      }
    }
  }

  /// SO_REUSEPORT would let a second proxy of the same user share the port unnoticed; a bind without it tells.
  private static func claim(_ address: SocketAddress) throws(SystemError) {
    _ = try FileDescriptor.listener(on: address, shared: false)
  }
}

/// The listening sockets meant for one worker, until it starts and owns them.
final class WorkerListeners: @unchecked Sendable {
  // @unchecked: filled by the main thread, taken once by the worker's thread, which starts afterwards.
  private(set) var sockets: [(raw: Int32, direction: Direction)] = []

  /// One more; its descriptor is owned from now on.
  func append(_ raw: Int32, _ direction: Direction) { sockets.append((raw, direction)) }

  /// Hands all over to the worker.
  func take() -> ListenerTable {
    var table = ListenerTable(capacity: sockets.count)
    for (raw, direction) in sockets { _ = table.append(FileDescriptor(owning: raw), direction) }
    sockets = []
    return table
  }
}
