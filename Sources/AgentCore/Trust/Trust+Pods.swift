internal import MeshAPI
internal import MeshModel

/// Identities of pods' proxies: named by namespace and service account, each pod by itself, so that who starts a pod need
/// not know the others.
extension Trust {
  /// Registers a workload as it is described, or gives an identity to the proxies of pods beside those that have it.
  func put(_ request: Weft_Agent_V1_PutWorkloadRequest) throws -> Weft_Agent_V1_PutWorkloadReply {
    var workload = request.workload
    workload.spiffeID = try name(workload.spiffeID, request.namespace, request.serviceAccount)
    guard !request.pods.isEmpty else { return try put(workload) }
    guard workload.selectors.isEmpty else {
      throw MeshRefusal("pods are selectors of their own: name them by --pod, or all of it by --selector")
    }
    let known = try podsAlone(workload.spiffeID)
    workload.selectors = (known + request.pods.filter { !known.contains($0) }).map { "\(Selector.pod($0))" }
    return try put(workload)
  }

  /// Takes an identity back from the proxies of pods, or from all.
  func delete(_ request: Weft_Agent_V1_DeleteWorkloadRequest) throws -> Weft_Agent_V1_PutWorkloadReply {
    let name = try name(request.spiffeID, request.namespace, request.serviceAccount)
    guard !request.pods.isEmpty else { return try deleteWorkload(name) }
    let known = try podsAlone(name)
    if let stranger = request.pods.first(where: { !known.contains($0) }) {
      throw MeshRefusal("\(name) is not registered for pod \(stranger)")
    }
    let left = known.filter { !request.pods.contains($0) }
    guard !left.isEmpty else { return try deleteWorkload(name) }
    var workload = Weft_Agent_V1_Workload()
    workload.spiffeID = name
    workload.selectors = left.map { "\(Selector.pod($0))" }
    return try put(workload)
  }

  private func name(_ id: String, _ namespace: String, _ account: String) throws -> String {
    guard namespace.isEmpty, account.isEmpty else {
      guard id.isEmpty else { throw MeshRefusal("an identity is named by its SPIFFE ID or by namespace and account") }
      return try SPIFFEID.workload(domain, namespace: namespace, serviceAccount: account).description
    }
    return id
  }

  /// The pods that an identity is registered for; throws where other selectors say whose it is.
  private func podsAlone(_ name: String) throws -> [String] {
    let selectors = workloads[name] ?? []
    let pods = selectors.pods
    guard pods.count == selectors.count else {
      let others = selectors.map { "\($0)" }.joined(separator: " ")
      throw MeshRefusal("\(name) is registered by selectors, \(others): unregister it first, or name pods among them")
    }
    return pods
  }
}
