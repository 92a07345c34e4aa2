internal import MeshModel

/// What a document says, by its kind. On the heap, so that a list of many documents is cheap to copy.
indirect enum DocumentContent: Sendable {
  case service(ServiceDocument)
  case endpointSlice(EndpointSlice)
  case networkPolicy(NetworkPolicy)
  /// A GRPCRoute and a TLSRoute too.
  case httpRoute(RouteDocument)
  case authorizationPolicy(AuthorizationPolicy)
  case requestAuthentication(RequestAuthentication)
  case peerAuthentication(PeerAuthentication)
  case backendTrafficPolicy(TrafficDocument)
  case telemetry(TelemetryPolicy)
  case sidecar(SidecarPolicy)
  case serviceEntry(ServiceEntryDocument)
  case workloadEntry(WorkloadEntry)
}

extension DocumentKind {
  /// Reads a document of this kind. What it says of a wrong one, if anything, is not to be used.
  func read(_ document: Field) -> ReadDocument? {
    let errors = document.issues.errors
    guard let (name, content) = nameAndContent(document), document.issues.errors == errors else { return nil }
    return ReadDocument(
      key: DocumentKey(self, namespace: name.namespace, name: name.name),
      kind: self,
      nameSpot: name.field.spot,
      content: content,
      file: document.file
    )
  }

  private func nameAndContent(_ document: Field) -> (ObjectName, DocumentContent)? {
    switch self {
    case .service: ServiceReader.read(document).map { ($0, .service($1)) }
    case .endpointSlice: EndpointSliceReader.read(document).map { ($0, .endpointSlice($1)) }
    case .networkPolicy: NetworkPolicyReader.read(document).map { ($0, .networkPolicy($1)) }
    case .httpRoute: RouteReader.read(document, .http).map { ($0, .httpRoute($1)) }
    case .grpcRoute: RouteReader.read(document, .grpc).map { ($0, .httpRoute($1)) }
    case .tlsRoute: TLSRouteReader.read(document).map { ($0, .httpRoute($1)) }
    case .authorizationPolicy: AuthorizationReader.read(document).map { ($0, .authorizationPolicy($1)) }
    case .requestAuthentication: TokenReader.read(document).map { ($0, .requestAuthentication($1)) }
    case .peerAuthentication: PeerAuthenticationReader.read(document).map { ($0, .peerAuthentication($1)) }
    case .backendTrafficPolicy: TrafficReader.read(document).map { ($0, .backendTrafficPolicy($1)) }
    case .telemetry: TelemetryReader.read(document).map { ($0, .telemetry($1)) }
    case .sidecar: SidecarReader.read(document).map { ($0, .sidecar($1)) }
    case .serviceEntry: ServiceEntryReader.read(document).map { ($0, .serviceEntry($1)) }
    case .workloadEntry: WorkloadEntryReader.read(document).map { ($0, .workloadEntry($1)) }
    case .destinationRule: DestinationRuleReader.read(document).map { ($0, .backendTrafficPolicy($1)) }
    }
  }
}
