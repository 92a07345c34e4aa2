internal import Kernel
internal import MeshModel
internal import Policy

/// What the admin socket tells of connections.
extension Control {
  /// `/v1/connections`: those open, the oldest first.
  func connections(_ limit: Int) -> HTTPResponse {
    guard let found = fleet.survey(limit: limit) else { return stuck }
    let sorted = found.connections.sorted { $0.age_ns > $1.age_ns }
    return json(
      ConnectionList(
        connections: sorted.prefix(limit).map(report),
        truncated: found.isTruncated || sorted.count > limit
      )
    )
  }

  /// `/v1/connections/ID`: one, with the policy that decided.
  func connection(_ text: String) -> HTTPResponse {
    guard let number = UInt64(text, radix: 16), text.utf8.count == 16 else {
      return problem(400, "Bad Request", "\"\(text)\" is not a connection id: sixteen hexadecimal digits")
    }
    guard let found = fleet.survey(limit: 1, only: ConnectionID(rawValue: number)) else { return stuck }
    guard let connection = found.connections.first else {
      return problem(
        404,
        "Not Found",
        "connection \(text) is not open; if it was, journalctl WEFT_CONNECTION_ID=\(text) tells its end"
      )
    }
    let judged = judgedAddress(connection)
    return json(
      ConnectionDetail(
        connection: report(connection),
        explanation: explain(connection.direction, peer: judged.ip, port: judged.port, as: connection.peer)
      )
    )
  }

  /// Whom policy is asked about: of an inbound connection who dials, at the port dialled; of an outbound one who is
  /// dialled, which for a service is the endpoint that was asked, or before that one which may be.
  private func judgedAddress(_ connection: LiveConnection) -> SocketAddress {
    guard connection.direction == .outbound else {
      return SocketAddress(connection.source.ip, port: connection.destination.port)
    }
    if let upstream = connection.upstream { return upstream }
    let table = snapshots.rules.table
    guard let port = table.port(at: connection.destination) else { return connection.destination }
    return table.ports[port].endpoints.first(where: \.isReady)?.address ?? connection.destination
  }

  private func report(_ connection: LiveConnection) -> ConnectionReport {
    var report = ConnectionReport(
      id: connection.id.text,
      direction: connection.direction,
      source: connection.source,
      originalDestination: connection.destination,
      upstream: connection.upstream,
      verdict: recorder.known.describe(connection.verdict, version: connection.policyVersion)
        ?? snapshots.table.describe(connection.verdict),
      protocol: connection.detected.text.description,
      sni: connection.serverName.isEmpty ? nil : String(decoding: connection.serverName, as: UTF8.self),
      bytesSent: connection.bytesSent,
      bytesReceived: connection.bytesReceived,
      ageMs: Int64(connection.age_ns / 1_000_000),
      process: recorder.programs[connection.id]
    )
    if let words = ProofWords(connection.proof, connection.direction, recorder.identities) { report.take(words) }
    if let requests = connection.requests {
      report.requests = requests.count
      report.request = requests.current.map { event in
        RequestUnderWay(
          event,
          service: recorder.known.names(event.tableVersion)?.service(event.servicePort),
          age_ns: requests.age_ns
        )
      }
    }
    return report
  }
}

extension RequestUnderWay {
  fileprivate init(_ event: RequestEvent, service: String?, age_ns: UInt64) {
    let texts = event.withTexts { authority, method, target in
      (
        String(decoding: authority, as: UTF8.self), String(decoding: method, as: UTF8.self),
        String(decoding: target.prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self)
      )
    }
    self.init(
      method: texts.1,
      authority: texts.0,
      path: texts.2,
      service: service,
      ageMs: Int64(age_ns / 1_000_000)
    )
  }
}
