import MeshModel

/// What came of asking one proxy how it is.
struct ProxyCheck: Encodable, Equatable {
  let proxy: String
  let socket: String
  /// Sentences about what is wrong; empty where all is well.
  let problems: [String]
  /// Nil where the proxy did not answer.
  let status: ProxyStatus?

  /// `names` is what is wrong with the names of its pod.
  init(_ proxy: ProxySocket, _ status: ProxyStatus, names: String? = nil) {
    var problems: [String] = []
    if !status.live { problems.append("it says that it is not live") }
    if status.draining {
      problems.append("it is draining: it finishes its connections and then ends")
    } else if !status.ready {
      problems.append("it is not ready: it does not take connections yet")
    }
    if let error = status.snapshot.lastError { problems.append("it refused the last snapshot: \(error)") }
    self.proxy = proxy.name
    self.socket = proxy.path
    self.problems = problems + status.warnings + [names].compactMap { $0 }
    self.status = status
  }

  init(_ proxy: ProxySocket, failure: CommandFailure) {
    self.proxy = proxy.name
    self.socket = proxy.path
    self.problems = failure.lines
    self.status = nil
  }
}
