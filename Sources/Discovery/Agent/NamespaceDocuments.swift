internal import MeshModel

/// What is said of a namespace's workloads, each document under its full name.
struct NamespaceDocuments: Sendable {
  var policies: [String: NetworkPolicy] = [:]
  var authorizations: [String: AuthorizationPolicy] = [:]
  var authentications: [String: RequestAuthentication] = [:]
  var peerAuthentications: [String: PeerAuthentication] = [:]
  var telemetry: [String: TelemetryPolicy] = [:]
  var sidecars: [String: SidecarPolicy] = [:]

  var isEmpty: Bool {
    policies.isEmpty && authorizations.isEmpty && authentications.isEmpty && peerAuthentications.isEmpty
      && telemetry.isEmpty && sidecars.isEmpty
  }

  /// What of it is for one workload, by name.
  func content(for workload: Workload) -> PoliciesContent {
    PoliciesContent(
      policies: Self.ordered(policies) { $0.selects(workload) },
      mesh: MeshConfiguration(
        authorizations: Self.ordered(authorizations) { $0.selects(workload) },
        authentications: Self.ordered(authentications) { $0.selects(workload) },
        peerAuthentications: peerAuthentications(for: workload),
        telemetry: Self.ordered(telemetry) { $0.selects(workload) },
        sidecars: Self.ordered(sidecars) { $0.selects(workload) }
      )
    )
  }

  /// Who must show an identity to the workload, which may be of another namespace where these are of the root.
  func peerAuthentications(for workload: Workload) -> [PeerAuthentication] {
    Self.ordered(peerAuthentications) { $0.selects(workload) }
  }

  private static func ordered<Content>(_ list: [String: Content], _ isMeant: (Content) -> Bool) -> [Content] {
    list.filter { isMeant($0.value) }.sorted { $0.key < $1.key }.map(\.value)
  }
}
