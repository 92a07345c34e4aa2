import Foundation
import Glibc
import Testing
import WeftTestKit

/// Standard output that takes nothing. A shell would go on with half of a snapshot or of a backup as if it were whole.
@Suite("Output that cannot be written")
struct CommandLineOutputTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    _ = try directory.write(
      "policy.yaml",
      """
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: { name: none, namespace: default }
      spec: { podSelector: {}, policyTypes: [Ingress] }
      """
    )
  }

  /// Runs a program of Weft with standard output as a shell's redirection says.
  private func run(_ program: String, _ arguments: String, _ redirection: String) throws -> Outcome {
    let line =
      "exec '\(try Binaries.path(program))' \(arguments.replacing("@/", with: directory.path + "/")) \(redirection)"
    return try Command("sh", ["-c", line]).run()
  }

  @Test(
    "is a failure of the command, which says so once",
    arguments: [
      "compile -f @/policy.yaml -o -", "validate -f @/policy.yaml",
      "explain --to 192.0.2.7:443 -f @/policy.yaml -o json", "--help",
    ],
    [(">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")]
  )
  func weft(arguments: String, end: (redirection: String, reason: String)) throws {
    let outcome = try run("weft", arguments, end.redirection)
    #expect(outcome.code == 1, "\(outcome)")
    #expect(outcome.error == "weft: cannot write to standard output: \(end.reason)\n", "\(outcome)")
  }

  @Test("longer than a buffer is a failure, too, though its last part has nothing left to write")
  func long() throws {
    let rules = (0..<1_000).map { "  { from: [{ ipBlock: { cidr: 10.\($0 / 256).\($0 % 256).0/24 } }] }" }
    let text = try directory.text(of: "policy.yaml")
      .replacing("[Ingress] }", with: "[Ingress], ingress: [\n\(rules.joined(separator: ",\n"))] }")
    _ = try directory.write("long.yaml", text)
    #expect(try run("weft", "compile -f @/long.yaml -o -", "| tail -c 2").output == "}\n")
    let outcome = try run("weft", "compile -f @/long.yaml -o -", ">/dev/full")
    #expect(outcome.code == 1 && outcome.error.hasPrefix("weft: cannot write"), "\(outcome)")
  }

  @Test("is a failure of weft-capture, whose plan is read by people before it is applied")
  func capture() throws {
    let outcome = try run("weft-capture", "plan", ">/dev/full")
    #expect(outcome.code == 1, "\(outcome)")
    #expect(
      outcome.error == "weft-capture: cannot write all to standard output: No space left on device\n",
      "\(outcome)"
    )
  }

  @Test("closed is not where the next socket goes: a question to an agent is not mixed with what is printed")
  func closed() throws {
    let pod = try Pod()
    let agent = try AgentUnderTest(in: pod)
    let outcome = try run("weft", "services --agent-socket '\(agent.socket)'", "<&- >&-")
    #expect(
      outcome.code == 1 && outcome.error == "weft: cannot write to standard output: Bad file descriptor\n",
      "\(outcome)"
    )
    #expect(try agent.weft("services").output == "no service\n")
  }

  @Test("does not matter where the reader has seen enough")
  func head() throws {
    let outcome = try run("weft", "--help", "| head -n 1")
    #expect(outcome.output.hasPrefix("OVERVIEW: ") && outcome.error.isEmpty, "\(outcome)")
  }
}
