internal import Journal
internal import Kernel
internal import Reactor

/// From serving to stopped: the end that is asked for, and the one that a successor brings.
extension Control {
  /// How far the end has come.
  enum Phase: Equatable {
    case serving
    /// Until nothing is open, or `deadline_ns` on the monotonic clock.
    case draining(deadline_ns: UInt64, retired: Bool)
    case stopped
  }

  /// Goes on serving, but says so, until nothing is open or the deadline passes. New connections are still taken: the
  /// programs of a pod that ends have last things to say.
  func drain() {
    guard phase == .serving else { return }  // asked again over the admin socket: the first deadline holds
    let deadline = Clock.monotonic_ns() + UInt64(settings.drainTimeout_s) * 1_000_000_000
    phase = .draining(deadline_ns: deadline, retired: false)
    ServiceManager.notify("STOPPING=1\nSTATUS=draining")
    fleet.tell(.drain)
    announce(
      .proxyDraining,
      "draining: \(fleet.openConnections) connections open, at most \(settings.drainTimeout_s) s"
    )
  }

  /// Another process has the listening sockets: take nothing more.
  func retire() {
    guard phase == .serving else { return }
    drain()
    guard case .draining(let deadline, _) = phase else { return }
    phase = .draining(deadline_ns: deadline, retired: true)
    listeners = []
    names?.stopRefusing(loop)
    names = nil
    fleet.tell(.retire(hasSuccessor: true))
  }

  /// Looks whether the end has come.
  func continueDraining() {
    guard case .draining(let deadline, let retired) = phase else { return }
    if Clock.monotonic_ns() >= deadline {
      phase = .stopped
    } else if fleet.openConnections == 0 {
      if retired {
        // Retired first: a worker that is not may be accepting at this moment.
        if fleet.hasRetired, fleet.openConnections == 0 { phase = .stopped }
      } else {
        // The last look into the listeners' queues, so that nobody who already connected is reset.
        fleet.tell(.retire(hasSuccessor: false))
        phase = .draining(deadline_ns: deadline, retired: true)
      }
    }
  }

  /// Takes the admin socket's file away, unless a successor has put its own there, or something else was in its place
  /// from the start.
  func close() {
    let isOurs = listeners.contains { $0.role == .admin }
    listeners = []
    if isOurs { UnixSocket.forget(settings.adminPath) }
  }
}
