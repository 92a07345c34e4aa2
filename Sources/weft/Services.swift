import ArgumentParser
import MeshAPI

/// `weft services`: what can be reached by name.
struct Services: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the services of the mesh: names, addresses, ports, and how many endpoints are ready."
  )

  @OptionGroup var agent: AgentOptions
  @OptionGroup var format: OutputOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("Of this namespace only; by default of all.", valueName: "name"))
  var namespace = ""

  @Argument(help: "Only the service of this name.")
  var name = ""

  func run() throws {
    var request = Weft_Agent_V1_ServicesRequest()
    request.namespace = namespace
    request.name = name
    let reply = try agent.calls.call("Services", request, as: Weft_Agent_V1_ServicesReply.self)
    let rows = reply.services.map(ServiceRow.init)
    try format.output.print(rows) { ServiceRow.table(rows, $0) }
    if rows.isEmpty, !name.isEmpty { throw CommandFailure(CommandFailure.failed, "service \(name) is not there") }
  }
}

/// One service.
struct ServiceRow: Encodable, Equatable {
  let namespace: String
  let name: String
  let dnsName: String
  let virtualAddresses: [String]
  let ports: [String]
  let ready: UInt32
  let endpoints: UInt32
  let hosts: [String]

  init(_ service: Weft_Agent_V1_ServicesReply.Service) {
    namespace = service.namespace
    name = service.name
    dnsName = service.dnsName
    virtualAddresses = service.virtualAddresses
    ports = service.ports
    ready = service.ready
    endpoints = service.endpoints
    hosts = service.hosts
  }

  /// More hosts than these are counted, so that a line stays a line.
  private static let maxHosts = 3

  static func table(_ rows: [ServiceRow], _ style: Style) -> String {
    guard !rows.isEmpty else { return "no service\n" }
    var table = TextTable(["NAMESPACE", "NAME", "PORTS", "READY", "ADDRESSES", "DNS NAME", "HOSTS"])
    for row in rows {
      let more = row.hosts.count - maxHosts
      table.add([
        row.namespace, row.name, row.ports.joined(separator: " "), "\(row.ready)/\(row.endpoints)",
        row.virtualAddresses.joined(separator: " "), row.dnsName,
        row.hosts.prefix(maxHosts).joined(separator: " ") + (more > 0 ? " and \(more) more" : ""),
      ])
    }
    return table.text(style)
  }
}
