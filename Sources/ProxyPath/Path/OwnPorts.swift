/// The ports this proxy listens on, as one range check each.
struct OwnPorts: BitwiseCopyable, Sendable {
  let outbound: UInt16
  let inboundFirst: UInt16
  let inboundLast: UInt16
  let metrics: UInt16
  let health: UInt16

  init(_ settings: ProxySettings) {
    outbound = settings.outboundPort
    inboundFirst = settings.inboundPorts.lowerBound
    inboundLast = settings.inboundPorts.upperBound
    metrics = settings.metricsPort ?? ProxySettings.usualMetricsPort
    health = settings.healthPort ?? ProxySettings.usualHealthPort
  }

  /// Whether captured connections arrive there.
  func contains(_ port: UInt16) -> Bool { port == outbound || (port >= inboundFirst && port <= inboundLast) }

  /// Whether a port is the proxy's own affair in a pod, which nobody may ask for through a proxy: those of this one, and those
  /// that every proxy of the mesh has where nobody says otherwise. A program that listens there can be reached by nobody.
  static func isUsual(_ port: UInt16) -> Bool {
    switch port {
    case ProxySettings.usualOutboundPort, ProxySettings.usualInboundPort, ProxySettings.transportPort: true
    case ProxySettings.usualMetricsPort, ProxySettings.usualHealthPort, ProxySettings.namesPort: true
    default: false
    }
  }

  /// Whether a peer that asks for this port is turned away.
  func isReserved(_ port: UInt16) -> Bool {
    contains(port) || port == metrics || port == health || Self.isUsual(port)
  }
}
