import ArgumentParser
import Glibc
import MeshAPI
import MeshDocuments

/// `weft token`: by what other hosts join.
struct Token: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes tokens by which other hosts join the mesh.",
    subcommands: [CreateToken.self]
  )
}

/// `weft token create`.
struct CreateToken: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create",
    abstract: "Makes a token that lets one host join, once.",
    discussion: "Whoever has it can join until it is used or expires: hand it over as you would a password."
  )

  /// Long enough to walk over to the other host.
  private static let defaultLifetime = "1h"

  @OptionGroup var agent: AgentOptions
  @OptionGroup var format: OutputOptions

  @Option(help: ArgumentHelp("Only the host of this name can use it.", valueName: "name"))
  var host = ""

  @Option(help: ArgumentHelp("How long it is valid, as in 30m or 24h.", valueName: "duration"))
  var ttl = Self.defaultLifetime

  func validate() throws {
    guard let lifetime_ms = DurationText.milliseconds(ttl), lifetime_ms > 0 else {
      throw ValidationError("--ttl \(ttl) is not a duration such as 30m or 24h")
    }
  }

  func run() throws {
    var request = Weft_Agent_V1_CreateTokenRequest()
    request.hostName = host
    request.lifetimeMs = DurationText.milliseconds(ttl) ?? 0
    let reply = try agent.calls.call("CreateToken", request, as: Weft_Agent_V1_CreateTokenReply.self)
    let report = TokenReport(reply)
    try format.output.print(report) { report.text($0, now_ms: UInt64(time(nil)) * 1000) }
  }
}

/// A new token.
struct TokenReport: Encodable, Equatable {
  let token: String
  /// Unix time.
  let expiresMs: UInt64
  /// What is to be run on the other host.
  let command: String

  init(_ reply: Weft_Agent_V1_CreateTokenReply) {
    token = reply.token
    expiresMs = reply.expiresMs
    command = reply.command
  }

  func text(_ style: Style, now_ms: UInt64) -> String {
    let left = Amounts.duration(milliseconds: Int64(clamping: expiresMs) - Int64(clamping: now_ms))
    guard !command.isEmpty else { return "\(Printable.text(token))\n" }
    return "on the other host, once and within \(left):\n  \(style.strong(Printable.text(command)))\n"
  }
}
