internal import MeshModel

/// What the documents of all files hold so far.
final class DocumentCollection {
  private(set) var policies: [NetworkPolicy] = []
  private(set) var services: [ServiceDocument] = []
  private(set) var slices: [EndpointSlice] = []
  private(set) var routes: [RouteDocument] = []
  private(set) var authorizations: [AuthorizationPolicy] = []
  private(set) var authentications: [RequestAuthentication] = []
  private(set) var traffic: [TrafficDocument] = []
  private(set) var telemetry: [(name: ObjectName, policy: TelemetryPolicy)] = []
  private(set) var sidecars: [(name: ObjectName, policy: SidecarPolicy)] = []

  /// Where each kind and name was given first.
  private var places: [String: String] = [:]

  /// Reads a document of `kind`. One that is wrong, or the second of its name, is left out, with an error.
  func read(_ document: Field, _ kind: DocumentKind) {
    func isNew(_ name: ObjectName) -> Bool {
      let fullName = "\(name.namespace)/\(name.name)"
      let key = "\(kind.rawValue) \(fullName)"
      if let first = places[key] {
        name.field.error("\(kind.noun) \(fullName) is already given at \(first)")
        return false
      }
      places[key] = name.field.place
      return true
    }
    switch kind {
    case .service:
      if let read = ServiceReader.read(document), isNew(read.name) { services.append(read) }
    case .endpointSlice:
      if let read = EndpointSliceReader.read(document), isNew(read.name) { slices.append(read) }
    case .networkPolicy:
      if let read = NetworkPolicyReader.read(document), isNew(read.0) { policies.append(read.1) }
    case .httpRoute:
      if let read = RouteReader.read(document), isNew(read.name) { routes.append(read) }
    case .authorizationPolicy:
      if let read = AuthorizationReader.read(document), isNew(read.0) { authorizations.append(read.1) }
    case .requestAuthentication:
      if let read = TokenReader.read(document), isNew(read.0) { authentications.append(read.1) }
    case .backendTrafficPolicy:
      if let read = TrafficReader.read(document), isNew(read.name) { traffic.append(read) }
    case .telemetry:
      if let read = TelemetryReader.read(document), isNew(read.0) { telemetry.append(read) }
    case .sidecar:
      if let read = SidecarReader.read(document), isNew(read.0) { sidecars.append(read) }
    }
  }

  /// All of it, with the endpoints at their services; what contradicts itself across documents is an error.
  func configuration() -> MeshConfiguration {
    var endpoints = EndpointMerge(services)
    for slice in slices { endpoints.add(slice) }
    let services = endpoints.services()
    CrossChecks(services: services).check(self)
    return MeshConfiguration(
      services: services,
      routes: routes.map(\.route),
      authorizations: authorizations,
      authentications: authentications,
      traffic: traffic.map(\.policy),
      telemetry: telemetry.map(\.policy),
      sidecars: sidecars.map(\.policy)
    )
  }
}
