import MeshAPI

/// What became of registrations.
struct RegistrationReport: Encodable, Equatable {
  struct Registered: Encodable, Equatable {
    let namespace: String
    let name: String
    let instance: String
    let addresses: [String]
    let virtualAddresses: [String]
    let dnsName: String
    let isReady: Bool
  }

  let registered: [Registered]
  let issues: [AgentIssue]
  /// Issues that were found and not listed.
  let leftOut: UInt32

  var isRefused: Bool { issues.contains { $0.isError } }

  init(_ reply: Weft_Agent_V1_RegisterReply) {
    registered = reply.registered.map {
      Registered(
        namespace: $0.namespace,
        name: $0.name,
        instance: $0.instance,
        addresses: $0.addresses,
        virtualAddresses: $0.virtualAddresses,
        dnsName: $0.dnsName,
        isReady: $0.isReady
      )
    }
    issues = reply.issues.map(AgentIssue.init)
    leftOut = reply.issuesLeftOut
  }

  /// Those of several files as one.
  init(_ reports: [RegistrationReport]) {
    registered = reports.flatMap(\.registered)
    issues = reports.flatMap(\.issues)
    leftOut = reports.reduce(0) { $0 + $1.leftOut }
  }

  /// A line for each instance, and below it how it is reached.
  func text(_ style: Style, _ verb: String) -> String {
    registered.map { one in
      let name = "\(one.namespace)/\(one.name)" + (one.instance.isEmpty ? "" : "/\(one.instance)")
      var lines = ["\(style.strong(Printable.text(name))) \(verb)"]
      if !one.dnsName.isEmpty {
        let ways = [one.dnsName] + one.virtualAddresses
        lines.append("  reached as \(Printable.text(ways.joined(separator: ", ")))")
      }
      if !one.addresses.isEmpty {
        lines.append("  listens at \(Printable.text(one.addresses.joined(separator: ", ")))")
      }
      if !one.dnsName.isEmpty, !one.isReady { lines.append("  not ready: it is given work once its checks pass") }
      return lines.map { $0 + "\n" }.joined()
    }.joined()
  }
}
