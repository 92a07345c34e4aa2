import ArgumentParser
import MeshAPI

/// `weft members`: the hosts of the mesh.
struct Members: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the hosts of the mesh: whether they are alive, who signs, and what is known of their records."
  )

  @OptionGroup var agent: AgentOptions
  @OptionGroup var format: OutputOptions

  func run() throws {
    let reply = try agent.calls.call("Members", Weft_Agent_V1_MembersRequest(), as: Weft_Agent_V1_MembersReply.self)
    let rows = reply.members.map(MemberRow.init)
    try format.output.print(rows) { MemberRow.table(rows, $0) }
  }
}

/// One host.
struct MemberRow: Encodable, Equatable {
  let name: String
  let address: String
  let status: String
  let fingerprint: String
  let isAuthority: Bool
  let recordsHere: String
  let records: UInt32
  let isSelf: Bool

  init(_ member: Weft_Agent_V1_MembersReply.Member) {
    name = member.name
    address = member.address
    status = member.status
    fingerprint = member.fingerprint
    isAuthority = member.isAuthority
    recordsHere = member.recordsHere
    records = member.records
    isSelf = member.isSelf
  }

  static func table(_ rows: [MemberRow], _ style: Style) -> String {
    var table = TextTable(["NAME", "ADDRESS", "STATUS", "AUTHORITY", "RECORDS", "VERSION", "FINGERPRINT"])
    for row in rows {
      table.add([
        row.name + (row.isSelf ? " (this host)" : ""), row.address, row.status, row.isAuthority ? "yes" : "no",
        "\(row.records)", row.recordsHere, row.fingerprint,
      ])
    }
    return table.text(style)
  }
}
