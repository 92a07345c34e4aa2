internal import Explanations
internal import Kernel
internal import MeshModel
internal import Policy
internal import Telemetry

extension Control {
  /// `/v1/status`: what `weft check` shows.
  func status() -> ProxyStatus {
    let open = fleet.openConnections
    let plain = plainTextFindings()
    var status = ProxyStatus(
      name: settings.name,
      version: Proxy.version,
      pid: ProcessIdentity.pid,
      uid: ProcessIdentity.uid,
      startedAtMs: Int64(started.realtime_us / 1000),
      ready: isReady,
      live: true,
      draining: !isReady,
      workers: fleet.counters.count,
      snapshot: snapshotStatus,
      workload: snapshots.workload,
      listeners: listenerStatus,
      connections: ConnectionCounts(
        open: open,
        total: fleet.counters.reduce(0) { $0 + $1.opened },
        denied: fleet.counters.reduce(0) { $0 + $1.denied }
      ),
      journal: recorder.status(mode: settings.log.rawValue),
      warnings: allWarnings + plain.warnings
    )
    status.notes = snapshots.review.notes + plain.notes
    status.names = namesState
    status.identity = identityStatus
    return status
  }

  private var allWarnings: [String] {
    let own = warnings + seriesWarning + namesWarning + identityWarning
    return own + fleet.tlsFiles.warnings + hostWarnings + snapshots.review.warnings
  }

  private var seriesWarning: [String] {
    guard fleet.requestSeries.folded > 0 else { return [] }
    return [
      "requests are told apart by \(RequestSeriesRegistry.limit) sets of service and route; the rest is counted under "
        + "the service \"other\" until the proxy starts anew"
    ]
  }

  private var namesWarning: [String] {
    guard case .waiting = namesState else { return [] }
    let count = names?.refused ?? 0
    return [
      "no agent answers what programs ask for names, \(count) of their questions were refused so far (SERVFAIL): is weft-agent "
        + "up at \(names?.path ?? "")?"
    ]
  }

  private var snapshotStatus: SnapshotStatus {
    var status = SnapshotStatus(
      state: snapshots.table.snapshot == nil ? .none : .loaded,
      path: snapshots.path,
      revision: snapshots.table.snapshot?.revision,
      policies: snapshots.table.snapshot?.policies.count ?? 0,
      loadedAtMs: snapshots.loadedAt_us.map { Int64($0 / 1000) },
      lastError: snapshots.lastError
    )
    if snapshots.table.snapshot != nil {
      status.format = Snapshot.formatVersion
      status.mesh = MeshCounts(snapshots.rules.table.mesh, for: snapshots.workload)
    }
    return status
  }

  private var listenerStatus: [ListenerStatus] {
    var status: [ListenerStatus] = []
    for ip in ListeningPorts.wildcards {
      status.append(captureListener(.outbound, SocketAddress(ip, port: settings.outboundPort)))
      for port in settings.inboundPorts {
        status.append(captureListener(.inbound, SocketAddress(ip, port: port)))
      }
    }
    for listener in listeners {
      guard let address = listener.address else { continue }
      status.append(ListenerStatus(role: "\(listener.role)", address: address, accepted: listener.accepted))
    }
    return status
  }

  /// The ports of an inbound range share one count: which of them the kernel chose means nothing.
  private func captureListener(_ direction: Direction, _ address: SocketAddress) -> ListenerStatus {
    let accepted = fleet.counters.reduce(0) { $0 + $1.acceptedCount(direction, isIPv4: address.ip.isIPv4) }
    return ListenerStatus(role: direction.rawValue, address: address, accepted: accepted)
  }

  /// Prometheus text of everything counted.
  func metricsText() -> [UInt8] {
    var text = PrometheusText()
    text.add(fleet.counters.map(\.metrics), fleet.tcpSeries)
    text.add(proxyFigures)
    let usage = ProcessUsage.now()
    text.add(
      ProcessFigures(
        startTime_s: Double(started.realtime_us) / 1e6,
        cpu_s: usage.cpu_s,
        openDescriptors: usage.openDescriptors,
        maximumDescriptors: UInt64(ProcessLimits.descriptors),
        resident_bytes: usage.resident_bytes,
        virtual_bytes: usage.virtual_bytes
      )
    )
    // Last, since these are what the bound on samples may cut.
    text.add(fleet.counters.map(\.requests), fleet.requestSeries)
    text.finish()
    return Array(text.text.utf8)
  }

  private var proxyFigures: ProxyFigures {
    var figures = ProxyFigures()
    figures.version = Proxy.version
    figures.snapshotRevision = snapshots.loads
    figures.snapshotLoads = snapshots.loads
    figures.snapshotRejects = snapshots.rejects
    figures.namesRefused = names?.refused ?? 0
    figures.identity = identityFigures
    recorder.fill(&figures)
    return figures
  }
}
