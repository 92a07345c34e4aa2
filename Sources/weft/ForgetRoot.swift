import ArgumentParser
import Glibc
import MeshAPI

/// `weft identity forget-root`: a root of before is believed no more.
struct ForgetRoot: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget-root",
    abstract: "Believes a root of before no more, in nothing; only on the host that has the root's key.",
    discussion: """
      For a root whose key came into wrong hands, once another signs in its place (weft identity rotate --root). Without --yes it \
      says what hangs by the root and does nothing. While something does it is refused, unless with --force: then hosts and \
      programs get other certificates by their keys, and hosts that only this root admitted have to join anew. The exit code is \
      1 where it was refused.
      """
  )

  @OptionGroup var agent: AgentOptions
  @OptionGroup var format: OutputOptions

  @Flag(help: "Do it, and not only say what would be done.")
  var yes = false

  @Flag(help: "Forget it whatever hangs by it: its key is stolen.")
  var force = false

  @Argument(help: "The first digits of its SHA-256, at least eight; weft identity show has them.")
  var fingerprint: String

  func run() throws {
    var request = Weft_Agent_V1_ForgetRootRequest()
    request.fingerprint = fingerprint
    request.force = force
    request.dryRun = !yes
    let reply = try agent.calls.call("ForgetRoot", request, as: Weft_Agent_V1_ForgetRootReply.self)
    let report = ForgottenRootReport(reply, isDryRun: !yes, isForced: force)
    try format.output.print(report) { report.text($0, now_s: Int64(time(nil))) }
    if report.outcome == .refused { throw ExitCode(CommandFailure.failed) }
  }
}

/// What hangs by a root, and what became of it.
struct ForgottenRootReport: Encodable, Equatable {
  enum Outcome: String, Encodable {
    case forgotten
    /// Nothing was to be done, and it would be.
    case wouldBeForgotten = "would be forgotten"
    /// Nothing was to be done, and it would not be.
    case wouldBeRefused = "would be refused"
    case refused
  }

  struct Dependents: Encodable, Equatable {
    let what: String
    let count: Int
    /// Unix time in seconds at which they have ended by themselves; 0 where they do not.
    let untilS: Int64
    let names: [String]
    let remedy: String
  }

  let sha256: String
  let outcome: Outcome
  let bundleVersion: Int64
  let dependents: [Dependents]

  init(_ reply: Weft_Agent_V1_ForgetRootReply, isDryRun: Bool, isForced: Bool) {
    sha256 = reply.sha256
    bundleVersion = reply.bundleVersion
    dependents = reply.dependents.map {
      Dependents(what: $0.what, count: Int($0.count), untilS: $0.untilS, names: $0.names, remedy: $0.remedy)
    }
    let isFree = reply.dependents.isEmpty || isForced
    outcome =
      if reply.isForgotten { .forgotten } else if isDryRun { isFree ? .wouldBeForgotten : .wouldBeRefused } else {
        .refused
      }
  }

  func text(_ style: Style, now_s: Int64) -> String {
    var lines = [style.strong("root \(Printable.text(sha256)): \(outcome.rawValue)")]
    for one in dependents {
      let ends = one.untilS == 0 ? "" : ", for \(Amounts.duration(milliseconds: (one.untilS - now_s) * 1_000)) more"
      let more = one.count > one.names.count && !one.names.isEmpty ? " and \(one.count - one.names.count) others" : ""
      let names = one.names.isEmpty ? "" : ": " + one.names.map(Printable.text).joined(separator: ", ") + more
      lines.append("  \(one.count) \(Printable.text(one.what))\(ends)\(names)")
      lines.append("    \(Printable.text(one.remedy))")
    }
    if dependents.isEmpty { lines.append("  nothing hangs by it") }
    switch outcome {
    case .forgotten: lines.append("all hosts are told, by version \(bundleVersion) of the roots")
    case .wouldBeForgotten: lines.append("nothing was done; --yes does it")
    case .wouldBeRefused: lines.append("nothing was done; --yes is refused for as long, unless with --force")
    case .refused: lines.append("nothing was done; wait, or --force where its key is stolen")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
