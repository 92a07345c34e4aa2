import ArgumentParser
import Glibc
import MeshAPI

/// `weft endpoints`: who stands behind services.
struct Endpoints: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists who stands behind services, on which host, and how the checks of this host's stand."
  )

  @OptionGroup var agent: AgentOptions
  @OptionGroup var format: OutputOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("Of this namespace only; by default of all.", valueName: "name"))
  var namespace = ""

  @Argument(help: "Only of the service of this name.")
  var service = ""

  func run() throws {
    var request = Weft_Agent_V1_EndpointsRequest()
    request.namespace = namespace
    request.name = service
    let reply = try agent.calls.call("Endpoints", request, as: Weft_Agent_V1_EndpointsReply.self)
    let rows = reply.endpoints.map(EndpointRow.init)
    try format.output.print(rows) { EndpointRow.table(rows, now_ms: UInt64(time(nil)) * 1000, $0) }
  }
}

/// One endpoint.
struct EndpointRow: Encodable, Equatable {
  struct Check: Encodable, Equatable {
    let name: String
    let kind: String
    let isPassing: Bool
    let output: String
    /// Unix time; 0 where it did not run yet.
    let lastRunMs: UInt64
  }

  let namespace: String
  let name: String
  let portName: String
  let address: String
  let isReady: Bool
  /// Empty where a document says it.
  let host: String
  let instance: String
  /// Who its proxy is to others; empty where nobody says it.
  let identity: String
  /// Whether a proxy takes the mesh's transport there.
  let isMeshed: Bool
  let checks: [Check]

  init(_ endpoint: Weft_Agent_V1_EndpointsReply.Endpoint) {
    namespace = endpoint.namespace
    name = endpoint.name
    portName = endpoint.portName
    address = endpoint.address
    isReady = endpoint.isReady
    host = endpoint.host
    instance = endpoint.instance
    identity = endpoint.identity
    isMeshed = endpoint.isMeshed
    checks = endpoint.checks.map {
      Check(name: $0.name, kind: $0.kind, isPassing: $0.isPassing, output: $0.output, lastRunMs: $0.lastRunMs)
    }
  }

  static func table(_ rows: [EndpointRow], now_ms: UInt64, _ style: Style) -> String {
    guard !rows.isEmpty else { return "no endpoint\n" }
    var table = TextTable([
      "NAMESPACE", "SERVICE", "PORT", "ADDRESS", "READY", "MESH", "IDENTITY", "HOST", "INSTANCE", "CHECKS",
    ])
    for row in rows {
      table.add([
        row.namespace, row.name, row.portName, row.address, row.isReady ? "yes" : "no",
        row.isMeshed ? "yes" : "no", row.identity, row.host.isEmpty ? "(document)" : row.host, row.instance,
        row.checks.map { text($0, now_ms) }.joined(separator: "; "),
      ])
    }
    return table.text(style)
  }

  /// `alive passing`, `tcp failing 3s ago: connection refused`.
  private static func text(_ check: Check, _ now_ms: UInt64) -> String {
    let name = check.name.isEmpty ? check.kind : check.name
    guard check.lastRunMs > 0 else { return "\(name) not run yet" }
    guard !check.isPassing else { return "\(name) passing" }
    let age = Amounts.duration(milliseconds: Int64(clamping: now_ms) - Int64(clamping: check.lastRunMs))
    let output = check.output.split(whereSeparator: \.isNewline).first.map { ": \($0.prefix(maxOutput))" } ?? ""
    return "\(name) failing \(age) ago\(output)"
  }

  /// Characters of what a check said: the rest is for -o json.
  private static let maxOutput = 80
}
