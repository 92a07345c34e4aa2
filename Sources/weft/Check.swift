import ArgumentParser
import Glibc
import MeshAPI
import MeshModel

/// `weft check`: are the agent and the proxies well?
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows whether the agent and proxies are well: readiness, policy, listeners, members, warnings.",
    discussion: "The exit code is 1 when something is wrong with any of them."
  )

  @OptionGroup var options: ProxyOptions
  @OptionGroup var agent: AgentOptions
  @OptionGroup var format: OutputOptions

  func run() throws {
    let agentCheck = askAgent()
    var checks = agentCheck.map { [CheckEntry.agent($0.check)] } ?? []
    var exitCode = agentCheck?.exitCode ?? 0
    for proxy in try proxies(hasAgent: agentCheck != nil) {
      do throws(CommandFailure) {
        let status = try proxy.client.get(.status, as: ProxyStatus.self)
        checks.append(.proxy(ProxyCheck(proxy, status, names: CapturedNames.problem(of: status))))
      } catch {
        checks.append(.proxy(ProxyCheck(proxy, failure: error)))
        exitCode = max(exitCode, error.exitCode)
      }
    }
    let now_ms = Int64(time(nil)) * 1000
    try format.output.print(checks) { style in
      checks.map { $0.text(style, now_ms: now_ms) }.joined(separator: "\n")
    }
    if exitCode == 0, checks.contains(where: { !$0.problems.isEmpty }) { exitCode = CommandFailure.failed }
    if exitCode != 0 { throw ExitCode(exitCode) }
  }

  /// Beside an agent there need not be a proxy.
  private func proxies(hasAgent: Bool) throws(CommandFailure) -> [ProxySocket] {
    if hasAgent, options.proxy == nil { return try options.all() }
    return try options.proxies()
  }

  /// Nil where nobody asked for the agent and there is none: proxies work without, from their files.
  private func askAgent() -> (check: AgentCheck, exitCode: Int32)? {
    let path = agent.chosenPath ?? "\(options.mainDirectory)/agent.sock"
    var status = stat()
    if agent.chosenPath == nil, options.proxy != nil || stat(path, &status) != 0 && errno == ENOENT { return nil }
    do throws(CommandFailure) {
      let calls = AgentCalls(path: path)
      let reply = try calls.call("Status", Weft_Agent_V1_StatusRequest(), as: Weft_Agent_V1_StatusReply.self)
      return (AgentCheck(reply, socket: path), 0)
    } catch {
      return (AgentCheck(failure: error, socket: path), error.exitCode)
    }
  }
}

/// One of what is checked.
enum CheckEntry: Encodable {
  case agent(AgentCheck)
  case proxy(ProxyCheck)

  var problems: [String] {
    switch self {
    case .agent(let check): check.problems
    case .proxy(let check): check.problems
    }
  }

  func text(_ style: Style, now_ms: Int64) -> String {
    switch self {
    case .agent(let check): check.text(style)
    case .proxy(let check): CheckReport(check: check, now_ms: now_ms).text(style)
    }
  }

  func encode(to encoder: any Encoder) throws {
    switch self {
    case .agent(let check): try check.encode(to: encoder)
    case .proxy(let check): try check.encode(to: encoder)
    }
  }
}
