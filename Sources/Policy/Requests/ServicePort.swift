public import MeshModel

/// One port of one service: what a request is for, or where a rule sends it.
public struct ServicePort: Sendable {
  /// The namespace of the service.
  public let namespace: String
  /// Its name.
  public let service: String
  /// The number that programs dial.
  public let port: UInt16
  /// What the documents say is spoken there.
  public let appProtocol: Service.AppProtocol
  /// How one of them is chosen, where a TrafficPolicy for the service says so.
  public internal(set) var balancing: TrafficPolicy.LoadBalancing?
  /// How they are spoken to: an index of `RequestTable.securities`, or `none`. Most ports have none.
  var securityIndex: Int32
  /// Faults for requests that no rule of a route takes: an index of `RequestTable.faults`, or `none`.
  var faultIndex: Int32
  /// Who serves it, ready or not.
  public internal(set) var endpoints: [Endpoint]
  /// The groups of matches to walk, as a range of `MatchList.groups`; empty where no route is attached.
  var groups: Range<UInt32>
  /// Limits for requests that no rule of a route takes: a range of `RequestTable.rateLimits`.
  var limits: Range<UInt32>
  /// Index in `MeshConfiguration.services`.
  let serviceIndex: UInt32

  /// No index.
  static let none: Int32 = -1

  /// `namespace/name:port`, for people.
  public var fullName: String { "\(namespace)/\(service):\(port)" }

  /// Whether routes are attached, so that a request which none of them takes is answered 404.
  @inline(__always) var hasRoutes: Bool { !groups.isEmpty }
}

extension ServicePort {
  init(_ service: Service, _ index: UInt32, _ port: Service.Port) {
    namespace = service.namespace
    self.service = service.name
    self.port = port.port
    appProtocol = port.appProtocol
    endpoints = port.endpoints
    balancing = nil
    securityIndex = Self.none
    faultIndex = Self.none
    groups = 0..<0
    limits = 0..<0
    serviceIndex = index
  }
}
