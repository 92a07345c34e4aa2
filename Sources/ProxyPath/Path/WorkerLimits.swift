internal import Reactor

/// A worker's bounds, in the units it counts in.
struct WorkerLimits: Sendable {
  let connections: Int
  /// The descriptor that secrets of TLS sessions are written to; nil for nowhere.
  let keyLog: Int32?
  let connectTimeout_ticks: UInt32
  let idleTimeout_ticks: UInt32

  init(_ settings: ProxySettings, connections: Int, keyLog: Int32? = nil) {
    self.connections = connections
    self.keyLog = keyLog
    connectTimeout_ticks = Self.ticks(settings.connectTimeout_s)
    idleTimeout_ticks = Self.ticks(settings.idleTimeout_s)
  }

  private static func ticks(_ seconds: UInt32) -> UInt32 { seconds * UInt32(1000 / TimerWheel.tick_ms) }
}
