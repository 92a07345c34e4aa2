import ArgumentParser
import Glibc
import MeshAPI

/// `weft identity`: certificates, and who is given which.
struct Identity: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows and renews certificates, and says which programs of this host have which identity.",
    subcommands: [
      ShowIdentity.self, IdentityPeers.self, IdentityFetch.self, RotateIdentity.self, ForgetRoot.self,
      RegisterIdentity.self, UnregisterIdentity.self,
    ],
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

/// Which identity: by its text, or by namespace and service account in this mesh's trust domain.
struct IdentityNameOptions: ParsableArguments {
  @Option(
    name: .customLong("spiffe-id"),
    help: ArgumentHelp("The identity, as spiffe://DOMAIN/ns/NAMESPACE/sa/ACCOUNT.", valueName: "id")
  )
  var spiffeID: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("Its namespace; by default \"default\".", valueName: "name"))
  var namespace: String?

  @Option(help: ArgumentHelp("Its service account; by default \"default\".", valueName: "name"))
  var serviceAccount: String?

  /// Pods whose proxies have it.
  @Option(
    name: .customLong("pod"),
    help: ArgumentHelp("A pod whose proxy has it, as `ip netns` calls it; repeatable.", valueName: "name")
  )
  var pods: [String] = []

  func validate() throws {
    guard spiffeID == nil || namespace == nil && serviceAccount == nil else {
      throw ValidationError("name the identity by --spiffe-id, or by --namespace and --service-account")
    }
    guard spiffeID != nil || namespace != nil || serviceAccount != nil || !pods.isEmpty else {
      throw ValidationError("name the identity by --spiffe-id, or by --namespace and --service-account")
    }
  }

  /// Both empty where the text says it.
  var path: (namespace: String, account: String) {
    spiffeID == nil ? (namespace ?? "default", serviceAccount ?? "default") : ("", "")
  }
}

/// `weft identity register`.
struct RegisterIdentity: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "register",
    abstract: "Gives an identity to the programs of this host that all selectors hold for, or to the proxies of pods.",
    discussion: """
      A pod's proxy: weft identity register --pod web --namespace shop --service-account web. Pods are added to those \
      that have the identity; selectors replace those of before.
      """
  )

  @OptionGroup var agent: AgentOptions
  @OptionGroup var format: OutputOptions
  @OptionGroup var name: IdentityNameOptions

  @Option(
    help: ArgumentHelp("What the kernel must say of a program, as unix:uid:1000; repeatable.", valueName: "selector")
  )
  var selector: [String] = []

  func validate() throws {
    guard selector.isEmpty != name.pods.isEmpty else {
      throw ValidationError("name the programs with --selector, as unix:uid:1000, or pods with --pod")
    }
  }

  func run() throws {
    var request = Weft_Agent_V1_PutWorkloadRequest()
    request.workload.spiffeID = name.spiffeID ?? ""
    request.workload.selectors = selector
    request.pods = name.pods
    (request.namespace, request.serviceAccount) = name.path
    let reply = try agent.calls.call("PutWorkload", request, as: Weft_Agent_V1_PutWorkloadReply.self)
    let rows = reply.workloads.map(WorkloadRow.init)
    try format.output.print(rows) { WorkloadRow.table(rows, $0) }
  }
}

/// `weft identity unregister`.
struct UnregisterIdentity: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unregister",
    abstract: "Takes an identity back, from all or from pods; certificates that were issued expire by themselves."
  )

  @OptionGroup var agent: AgentOptions
  @OptionGroup var format: OutputOptions
  @OptionGroup var name: IdentityNameOptions

  func run() throws {
    var request = Weft_Agent_V1_DeleteWorkloadRequest()
    request.spiffeID = name.spiffeID ?? ""
    request.pods = name.pods
    (request.namespace, request.serviceAccount) = name.path
    let reply = try agent.calls.call("DeleteWorkload", request, as: Weft_Agent_V1_PutWorkloadReply.self)
    let rows = reply.workloads.map(WorkloadRow.init)
    try format.output.print(rows) { WorkloadRow.table(rows, $0) }
  }
}
