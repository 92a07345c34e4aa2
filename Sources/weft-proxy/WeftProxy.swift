internal import ArgumentParser
internal import Glibc
internal import ProxyPath

/// The data path of one pod: options in, exit code out.
@main
struct WeftProxy: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weft-proxy",
    abstract: "Carries the captured connections of one pod, by policy, and records each.",
    discussion: """
      Connections reach it by the rules of weft-capture. It says when it is ready (sd_notify, /ready), logs to \
      journald, and answers `weft` on a Unix socket. SIGTERM drains, SIGHUP reads the snapshot again.

      Example, as root: ip netns exec web weft-proxy --name web --labels app=web --agent /run/weft/agent.sock

      Exit codes: 0 ended as asked, 1 could not serve, 2 an option, label or snapshot is wrong, 3 a privilege or \
      kernel feature is missing.
      """,
    version: "weft-proxy \(Proxy.version)"
  )

  @OptionGroup var options: ProxyOptions

  func run() throws { try Proxy.run(options.settings()) }

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let failure as Proxy.StartFailure {
      fail(failure.description, failure.exitCode)
    } catch {
      let code = exitCode(for: error)
      guard code != .success else { exit(withError: error) }
      fail(message(for: error), 2)
    }
  }

  /// One line on standard error; scripts read the code.
  private static func fail(_ message: String, _ code: Int32) -> Never {
    // What a file holds may be in it, and a terminal would take orders from that.
    let shown = message.map { character in
      character.unicodeScalars.contains { $0.properties.generalCategory == .control } ? "\u{fffd}" : character
    }
    let line = Array("weft-proxy: \(String(shown))\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    Glibc.exit(code)
  }
}
