internal import Kernel
internal import MeshModel
internal import Policy

extension Control {
  func status() -> ProxyStatus {
    let open = fleet.openConnections
    return ProxyStatus(
      name: settings.name, version: Proxy.version, pid: ProcessIdentity.pid, uid: ProcessIdentity.uid,
      startedAtMs: Int64(started.realtime_us / 1000), ready: isReady, live: true, draining: !isReady,
      workers: fleet.counters.count, snapshot: snapshotStatus, workload: snapshots.workload,
      listeners: listenerStatus, connections: ConnectionCounts(
        open: open, total: fleet.counters.reduce(0) { $0 + $1.opened },
        denied: fleet.counters.reduce(0) { $0 + $1.denied }),
      journal: recorder.status(mode: settings.log.rawValue), warnings: warnings)
  }

  private var snapshotStatus: SnapshotStatus {
    SnapshotStatus(
      state: snapshots.table.snapshot == nil ? .none : .loaded, path: snapshots.path,
      revision: snapshots.table.snapshot?.revision, policies: snapshots.table.snapshot?.policies.count ?? 0,
      loadedAtMs: snapshots.loadedAt_us.map { Int64($0 / 1000) }, lastError: snapshots.lastError)
  }

  private var listenerStatus: [ListenerStatus] {
    var listeners: [ListenerStatus] = []
    for ip in ListeningPorts.wildcards {
      listeners.append(ListenerStatus(role: "outbound", address: SocketAddress(ip, port: settings.outboundPort)))
      for port in settings.inboundPorts {
        listeners.append(ListenerStatus(role: "inbound", address: SocketAddress(ip, port: port)))
      }
    }
    for door in doorsOpen {
      guard let address = door.address else { continue }
      listeners.append(ListenerStatus(role: "\(door.role)", address: address))
    }
    return listeners
  }

  /// Prometheus text of everything counted.
  func metricsText() -> [UInt8] {
    Array("# metrics are collected by Telemetry\n".utf8)
  }
}
