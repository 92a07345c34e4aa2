public import MeshModel
internal import Policy

extension RequestJudge {
  /// A connection of the workload's own, of a program that speaks TLS itself: where it goes by the name that it asks for, and
  /// what NetworkPolicies say of everyone it may go to.
  public func explain(_ question: ServerNameQuestion) -> ServerNameExplanation {
    var explained = table.explain(question)
    for index in explained.backends.indices { judge(&explained.backends[index]) }
    if var dialled = explained.dialled {
      judge(&dialled)
      explained.dialled = dialled
    }
    // What is dialled is judged before anything is said on it; of a service's address, the endpoint is instead.
    if let address = question.destination, table.port(at: address) == nil { explained.connection = egress(address) }
    return explained
  }

  private func judge(_ backend: inout RequestExplanation.Backend) {
    for index in backend.endpoints.indices {
      backend.endpoints[index].egress = egress(backend.endpoints[index].address)
    }
  }
}
