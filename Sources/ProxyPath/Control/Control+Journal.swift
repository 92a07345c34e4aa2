internal import Journal
internal import Kernel
internal import MeshModel
internal import Policy

/// What the proxy says of itself, to the journal and to systemd.
extension Control {
  /// Says that the proxy serves, to systemd and in the journal; not while it waits for its agent.
  func announceReady() {
    guard !isAwaitingAgent else { return }
    ServiceManager.notify("READY=1\nSTATUS=serving")
    announce(.proxyReady, "ready: outbound on \(settings.outboundPort), inbound on \(settings.inboundPorts.text)")
  }

  /// Writes an event of the proxy itself.
  func announce(_ kind: EventKind, _ message: String) {
    journal.write(kind.importance) { entry in
      entry.start(kind)
      entry.append("MESSAGE", message)
      entry.append("WEFT_PROXY", settings.name)
      entry.append("WEFT_CONFIG_VERSION", snapshots.table.snapshot?.revision ?? "none")
    }
  }
}

extension ClosedRange<UInt16> {
  /// `15006`, or `15100-15109`.
  var text: String { lowerBound == upperBound ? "\(lowerBound)" : "\(lowerBound)-\(upperBound)" }
}
