import ArgumentParser
import Glibc
import MeshAPI

/// `weft authority`: which hosts sign for the others.
struct Authority: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says which hosts sign certificates for the others and let hosts in.",
    subcommands: [ListAuthorities.self, GrantAuthority.self, RevokeAuthority.self]
  )
}

/// `weft authority list`.
struct ListAuthorities: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists the hosts that have the authority's role, and those whose role was taken back."
  )

  @OptionGroup var agent: AgentOptions
  @OptionGroup var format: OutputOptions

  func run() throws {
    try format.output.print(
      authorities: agent.calls.call(
        "Authorities",
        Weft_Agent_V1_AuthoritiesRequest(),
        as: Weft_Agent_V1_AuthoritiesReply.self
      )
    )
  }
}

/// The host that is given the role or loses it.
struct AuthorityHost: ParsableArguments {
  @Option(help: ArgumentHelp("Which of several hosts of one name; weft members shows it.", valueName: "fingerprint"))
  var fingerprint = ""

  @Argument(help: "The host's name.")
  var host: String

  var request: Weft_Agent_V1_ChangeAuthorityRequest {
    var request = Weft_Agent_V1_ChangeAuthorityRequest()
    request.hostName = host
    request.fingerprint = fingerprint
    return request
  }
}

/// `weft authority grant`.
struct GrantAuthority: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grant",
    abstract: "Has a host sign for the others; only on the host that has the root's key.",
    discussion: """
      The host makes a key of its own and gets an intermediate from the root, by which it signs certificates of workloads and \
      hosts, and lets hosts in. Whoever controls it can be anybody in the mesh, so choose it as carefully as the first.
      """
  )

  @OptionGroup var agent: AgentOptions
  @OptionGroup var format: OutputOptions
  @OptionGroup var host: AuthorityHost

  func run() throws {
    try format.output.print(
      authorities: agent.calls.call("GrantAuthority", host.request, as: Weft_Agent_V1_AuthoritiesReply.self)
    )
  }
}

/// `weft authority revoke`.
struct RevokeAuthority: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "Takes the role back; only on the host that has the root's key.",
    discussion: """
      Agents refuse what it signed from then on and get other certificates by themselves. Hosts that it let in and that the \
      root has not confirmed yet have to join anew.
      """
  )

  @OptionGroup var agent: AgentOptions
  @OptionGroup var format: OutputOptions
  @OptionGroup var host: AuthorityHost

  func run() throws {
    try format.output.print(
      authorities: agent.calls.call("RevokeAuthority", host.request, as: Weft_Agent_V1_AuthoritiesReply.self)
    )
  }
}

extension OutputFormat {
  fileprivate func print(authorities reply: Weft_Agent_V1_AuthoritiesReply) throws {
    let rows = reply.authorities.map(AuthorityRow.init)
    try print(rows) { AuthorityRow.table(rows, $0, now_s: Int64(time(nil))) }
  }
}

/// One host that has the role, or had it.
struct AuthorityRow: Encodable, Equatable {
  let name: String
  let address: String
  /// `alive`, `failed`, `left` or `unknown`; `revoked` where it has the role no more.
  let status: String
  let fingerprint: String
  let hasRoot: Bool
  let isSelf: Bool
  /// Unix time in seconds: since when it has the role; of a revoked one, until when its intermediates are refused.
  let timeS: Int64
  /// Unix time in seconds: until when this host's own intermediate signs; 0 where it has none.
  let signsUntilS: Int64

  init(_ authority: Weft_Agent_V1_AuthoritiesReply.Authority) {
    name = authority.name
    address = authority.address
    status = authority.status
    fingerprint = authority.fingerprint
    hasRoot = authority.hasRoot_p
    isSelf = authority.isSelf
    timeS = authority.timeS
    signsUntilS = authority.signsUntilS
  }

  static func table(_ rows: [AuthorityRow], _ style: Style, now_s: Int64) -> String {
    guard !rows.isEmpty else { return "this host does not know yet who signs for it\n" }
    var table = TextTable(["NAME", "ADDRESS", "STATUS", "SIGNS BY", "SIGNS FOR", "FINGERPRINT"])
    for row in rows {
      let isRevoked = row.status == "revoked"
      table.add([
        row.name + (row.isSelf ? " (this host)" : ""), row.address, row.status,
        isRevoked ? "nothing" : row.hasRoot ? "root" : "intermediate",
        row.signsUntilS == 0 ? "" : Amounts.duration(milliseconds: (row.signsUntilS - now_s) * 1000), row.fingerprint,
      ])
    }
    return table.text(style)
  }
}
