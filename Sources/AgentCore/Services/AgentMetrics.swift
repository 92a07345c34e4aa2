internal import MeshAPI

/// The agent's status as Prometheus text (exposition format 0.0.4). The series are bounded: labels come from the program and
/// from the host's own names.
struct AgentMetrics {
  private let status: Weft_Agent_V1_StatusReply
  private let workloadStreams: Int

  init(_ status: Weft_Agent_V1_StatusReply, workloadStreams: Int) {
    self.status = status
    self.workloadStreams = workloadStreams
  }

  var text: String {
    let info = [
      ("version", status.version), ("mesh", status.meshName), ("trust_domain", status.trustDomain),
      ("host", status.hostName),
    ]
    let labels = info.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
    var lines = Self.series("weft_agent_info", "gauge", "The agent and its mesh.", [("{\(labels)}", "1")])
    lines += Self.series(
      "weft_agent_uptime_seconds",
      "gauge",
      "Seconds since the start.",
      [("", "\(Double(status.uptimeMs) / 1000)")]
    )
    let gauges: [(name: String, help: String, value: UInt32)] = [
      ("weft_agent_services", "Services known.", status.services),
      ("weft_agent_endpoints", "Endpoints known.", status.endpoints),
      ("weft_agent_documents", "Documents known.", status.documents),
      ("weft_agent_proxies", "Streams of proxies that are open.", UInt32(clamping: status.proxies.count)),
      ("weft_agent_workload_streams", "Streams of workloads that are open.", UInt32(clamping: workloadStreams)),
    ]
    for gauge in gauges { lines += Self.series(gauge.name, "gauge", gauge.help, [("", "\(gauge.value)")]) }
    lines += Self.series(
      "weft_agent_events_total",
      "counter",
      "Events since the start.",
      status.counters.sorted { $0.key < $1.key }.map { ("{event=\"\(Self.escaped($0.key))\"}", "\($0.value)") }
    )
    return lines.joined(separator: "\n") + "\n"
  }

  private static func series(
    _ name: String,
    _ type: String,
    _ help: String,
    _ samples: [(labels: String, value: String)]
  ) -> [String] {
    guard !samples.isEmpty else { return [] }
    return ["# HELP \(name) \(help)", "# TYPE \(name) \(type)"] + samples.map { "\(name)\($0.labels) \($0.value)" }
  }

  /// A label's value, as the format wants it.
  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { escaped, scalar in
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
  }
}
