import ArgumentParser
import Glibc

/// Where the agent listens.
struct AgentOptions: ParsableArguments {
  static let defaultPath = "/run/weft/agent.sock"
  private static let variable = "WEFT_AGENT_SOCKET"

  @Option(
    help: ArgumentHelp(
      "The agent's socket; by default $\(Self.variable), or \(Self.defaultPath).",
      valueName: "path"
    )
  )
  var agentSocket: String?

  func validate() throws {
    guard agentSocket != "" else { throw ValidationError("--agent-socket is empty; it is to be the agent's socket") }
  }

  /// The path that was asked for, if any was.
  var chosenPath: String? {
    agentSocket ?? getenv(Self.variable).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  var calls: AgentCalls { AgentCalls(path: chosenPath ?? Self.defaultPath) }
}

/// Which namespace a command is for.
struct NamespaceOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: ArgumentHelp("The namespace.", valueName: "name"))
  var namespace = "default"

  func validate() throws {
    guard !namespace.isEmpty else { throw ValidationError("--namespace is empty") }
  }
}

/// Which namespaces a command lists.
struct NamespacesOptions: ParsableArguments {
  @OptionGroup var one: NamespaceOptions

  @Flag(name: [.customShort("A"), .long], help: "Of all namespaces.")
  var allNamespaces = false

  /// As the agent's API has it: empty for all.
  var filter: String { allNamespaces ? "" : one.namespace }

  /// For messages.
  var described: String { allNamespaces ? "any namespace" : "namespace \(one.namespace)" }
}
