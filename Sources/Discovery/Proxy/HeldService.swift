internal import MeshModel

/// A service that a proxy is subscribed to, because a lookup, the workload itself or a route leads to it.
struct HeldService: Sendable {
  /// What is in force.
  var current: ServiceContent?
  /// What came, and waits for services that it leads to and that are not here yet.
  var next: ServiceContent?
  /// Whether the agent has said what the service is, or that there is none.
  var isServiceKnown = false
  /// The same for its endpoints.
  var areEndpointsKnown = false
  var endpoints = EndpointsContent()
  /// When `current` came: documents that several services bring are taken from the latest.
  private(set) var arrival: UInt64 = 0
  private var nextArrival: UInt64 = 0

  /// Whether all of itself is here.
  var isKnown: Bool { isServiceKnown && areEndpointsKnown }

  /// The services that it leads to, by what is in force and by what waits.
  var backends: Set<String> { (current?.backends ?? []).union(next?.backends ?? []) }

  mutating func take(_ content: ServiceContent?, arrival: UInt64) {
    isServiceKnown = true
    nextArrival = arrival
    next = content
    if content == nil { current = nil }
  }

  /// Puts into force what waits. Returns whether that is something new.
  mutating func promote() -> Bool {
    guard let next else { return false }
    defer {
      current = next
      arrival = nextArrival
      self.next = nil
    }
    return current != next
  }
}
