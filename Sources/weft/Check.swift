import ArgumentParser
import Glibc
import MeshModel

/// `weft check`: are the proxies well?
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows whether proxies are well: readiness, policy, listeners, warnings.",
    discussion: "The exit code is 1 when something is wrong with any of them."
  )

  @OptionGroup var options: ProxyOptions
  @OptionGroup var format: OutputOptions

  func run() throws {
    var checks: [ProxyCheck] = []
    var exitCode: Int32 = 0
    for proxy in try options.proxies() {
      do throws(CommandFailure) {
        checks.append(ProxyCheck(proxy, try proxy.client.get(.status, as: ProxyStatus.self)))
      } catch {
        checks.append(ProxyCheck(proxy, failure: error))
        exitCode = max(exitCode, error.exitCode)
      }
    }
    let now_ms = Int64(time(nil)) * 1000
    try format.output.print(checks) { style in
      checks.map { CheckReport(check: $0, now_ms: now_ms).text(style) }.joined(separator: "\n")
    }
    if exitCode == 0, checks.contains(where: { !$0.problems.isEmpty }) { exitCode = CommandFailure.failed }
    if exitCode != 0 { throw ExitCode(exitCode) }
  }
}

/// What came of asking one proxy how it is.
struct ProxyCheck: Encodable, Equatable {
  let proxy: String
  let socket: String
  /// Sentences about what is wrong; empty where all is well.
  let problems: [String]
  /// Nil where the proxy did not answer.
  let status: ProxyStatus?

  init(_ proxy: ProxySocket, _ status: ProxyStatus) {
    var problems: [String] = []
    if !status.live { problems.append("it says that it is not live") }
    if status.draining {
      problems.append("it is draining: it finishes its connections and then ends")
    } else if !status.ready {
      problems.append("it is not ready: it does not take connections yet")
    }
    if let error = status.snapshot.lastError { problems.append("it refused the last snapshot: \(error)") }
    self.proxy = proxy.name
    self.socket = proxy.path
    self.problems = problems + status.warnings
    self.status = status
  }

  init(_ proxy: ProxySocket, failure: CommandFailure) {
    self.proxy = proxy.name
    self.socket = proxy.path
    self.problems = failure.lines
    self.status = nil
  }
}
