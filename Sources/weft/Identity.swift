import ArgumentParser
import Glibc
import MeshAPI

/// `weft identity`: certificates, and who is given which.
struct Identity: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows and renews certificates, and says which programs of this host have which identity.",
    subcommands: [ShowIdentity.self, RotateIdentity.self, RegisterIdentity.self, UnregisterIdentity.self],
    defaultSubcommand: ShowIdentity.self
  )
}

/// `weft identity show`.
struct ShowIdentity: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Shows this host's certificates and what they were issued by, and its workloads."
  )

  @OptionGroup var agent: AgentOptions
  @OptionGroup var format: OutputOptions

  func run() throws {
    let reply = try agent.calls.call("Identity", Weft_Agent_V1_IdentityRequest(), as: Weft_Agent_V1_IdentityReply.self)
    let report = IdentityReport(reply)
    try format.output.print(report) { report.text($0, now_s: Int64(time(nil))) }
  }
}

/// `weft identity rotate`.
struct RotateIdentity: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate",
    abstract: "Renews certificates before their time.",
    discussion: "Who holds a certificate of before is believed until it expires, so nothing is cut off."
  )

  enum Scope: String, EnumerableFlag {
    case workloads, intermediate, root

    static func help(for scope: Scope) -> ArgumentHelp? {
      switch scope {
      case .workloads: "Those of this host and its workloads."
      case .intermediate: "The authority's, by which those are signed."
      case .root: "The mesh's own: all others follow."
      }
    }

    fileprivate var message: Weft_Agent_V1_RotateRequest.Scope {
      switch self {
      case .workloads: .workloads
      case .intermediate: .intermediate
      case .root: .root
      }
    }
  }

  @OptionGroup var agent: AgentOptions
  @OptionGroup var format: OutputOptions

  @Flag(help: "What is renewed.")
  var scope: Scope

  func run() throws {
    var request = Weft_Agent_V1_RotateRequest()
    request.scope = scope.message
    let report = IdentityReport(try agent.calls.call("Rotate", request, as: Weft_Agent_V1_IdentityReply.self))
    try format.output.print(report) { report.text($0, now_s: Int64(time(nil))) }
  }
}

/// `weft identity register`.
struct RegisterIdentity: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "register",
    abstract: "Gives an identity to the programs of this host that all selectors hold for."
  )

  @OptionGroup var agent: AgentOptions
  @OptionGroup var format: OutputOptions

  @Option(
    name: .customLong("spiffe-id"),
    help: ArgumentHelp("The identity, as spiffe://DOMAIN/ns/NAMESPACE/sa/ACCOUNT.", valueName: "id")
  )
  var spiffeID: String

  @Option(
    help: ArgumentHelp("What the kernel must say of a program, as unix:uid:1000; repeatable.", valueName: "selector")
  )
  var selector: [String]

  func validate() throws {
    guard !selector.isEmpty else { throw ValidationError("name the programs with --selector, as unix:uid:1000") }
  }

  func run() throws {
    var request = Weft_Agent_V1_PutWorkloadRequest()
    request.workload.spiffeID = spiffeID
    request.workload.selectors = selector
    let reply = try agent.calls.call("PutWorkload", request, as: Weft_Agent_V1_PutWorkloadReply.self)
    let rows = reply.workloads.map(WorkloadRow.init)
    try format.output.print(rows) { WorkloadRow.table(rows, $0) }
  }
}

/// `weft identity unregister`.
struct UnregisterIdentity: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unregister",
    abstract: "Takes an identity back; certificates that were issued expire by themselves."
  )

  @OptionGroup var agent: AgentOptions
  @OptionGroup var format: OutputOptions

  @Option(name: .customLong("spiffe-id"), help: ArgumentHelp("The identity.", valueName: "id"))
  var spiffeID: String

  func run() throws {
    var request = Weft_Agent_V1_DeleteWorkloadRequest()
    request.spiffeID = spiffeID
    let reply = try agent.calls.call("DeleteWorkload", request, as: Weft_Agent_V1_PutWorkloadReply.self)
    let rows = reply.workloads.map(WorkloadRow.init)
    try format.output.print(rows) { WorkloadRow.table(rows, $0) }
  }
}
