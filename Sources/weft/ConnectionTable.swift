import MeshModel

/// Live connections as people read them, a line each.
struct ConnectionTable {
  let lists: [ProxyConnections]

  func text(_ style: Style) -> String {
    let isSingle = lists.count == 1
    var table = TextTable((isSingle ? [] : ["PROXY"]) + Self.headings)
    for list in lists {
      for connection in list.connections {
        table.add((isSingle ? [] : [list.proxy]) + Self.cells(connection))
      }
    }
    guard lists.contains(where: { !$0.connections.isEmpty }) else { return "no live connections\n" }
    return table.text(style)
  }

  private static let headings = [
    "ID", "DIRECTION", "SOURCE", "DESTINATION", "UPSTREAM", "VERDICT", "PROTOCOL", "REQUESTS", "SENT", "RECEIVED",
    "AGE", "PROCESS",
  ]

  private static func cells(_ connection: ConnectionReport) -> [String] {
    // Most upstreams are the destination itself; only another one is worth the width.
    let upstream = connection.upstream.flatMap { $0 == connection.originalDestination ? nil : $0.description }
    let policy = connection.verdict.policy
    return [
      connection.id, connection.direction.rawValue, connection.source.description,
      connection.originalDestination.description, upstream ?? "",
      policy.isEmpty ? connection.verdict.decision.rawValue : "\(connection.verdict.decision.rawValue) \(policy)",
      connection.sni.map { "\(connection.protocol) \($0)" } ?? connection.protocol, requests(connection),
      Amounts.bytes(connection.bytesSent), Amounts.bytes(connection.bytesReceived),
      Amounts.duration(milliseconds: connection.ageMs), process(connection.process),
    ]
  }

  /// `12`, or with one under way `12, now GET web/cart`.
  private static func requests(_ connection: ConnectionReport) -> String {
    guard let count = connection.requests else { return "" }
    return "\(count)" + (connection.request.map { ", now \($0.method) \($0.authority)\($0.path)" } ?? "")
  }

  private static func process(_ process: ProcessReport?) -> String {
    guard let process else { return "" }
    let parts = [
      process.comm, process.pid.map { "pid \($0)" }, process.uid.map { "uid \($0)" }, process.cgroup,
    ]
    return parts.compactMap { $0 }.joined(separator: ", ")
  }
}
