import Glibc
import Testing
import WeftTestKit

@Suite("weft without an agent")
struct CommandLineAgentTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func weft(_ arguments: String..., input: String = "") throws -> Outcome {
    try runWeft(arguments + ["--agent-socket", directory.file("agent.sock")], input: input)
  }

  @Test(
    "says that there is none, with exit code 1",
    arguments: [
      "get services", "delete svc web", "services", "endpoints web", "members", "token create", "forget b",
      "identity show",
      "identity rotate --root", "identity register --spiffe-id spiffe://m/ns/a/sa/b --selector unix:uid:1",
      "identity unregister --spiffe-id spiffe://m/ns/a/sa/b", "register --name web --port 80", "deregister web",
      "report web pass", "check",
    ]
  )
  func none(command: String) throws {
    let words = command.split(separator: " ").map(String.init)
    let run = try runWeft(
      words + ["--agent-socket", directory.file("agent.sock")]
        + (command == "check" ? ["--run-directory", directory.path] : [])
    )
    #expect(run.code == 1, "\(run)")
    let told = command == "check" ? run.output : run.error
    #expect(told.contains("no agent at \(directory.file("agent.sock"))"), "\(run)")
  }

  @Test(
    "refuses wrong command lines with exit code 2, before it asks",
    arguments: [
      "get", "get svc/", "get svc web -A", "delete svc", "delete all x", "delete -f x svc y", "register",
      "register --name web", "register -f x --name web", "identity rotate", "identity rotate --root --workloads",
      "identity register --spiffe-id x", "token create --ttl 5", "report web maybe", "get svc -n ''",
    ]
  )
  func usage(command: String) throws {
    let words = command.split(separator: " ").map { $0 == "''" ? "" : String($0) }
    let run = try runWeft(words + ["--agent-socket", directory.file("agent.sock")])
    #expect(run.code == 2, "\(run)")
    #expect(run.output.isEmpty)
    #expect(run.error.split(separator: "\n").count == 1, "\(run)")
  }

  @Test("reads files before it asks, and says which cannot be read")
  func files() throws {
    let run = try weft("apply", "-f", directory.file("none.yaml"))
    #expect(run.code == 2)
    #expect(run.error == "\(directory.file("none.yaml")): there is no such file or directory\n")
    let deleted = try weft("delete", "-f", "-", input: "kind: Pod")
    #expect(deleted.code == 2)
    #expect(deleted.error.hasPrefix("<stdin>:1:7: kind: \"Pod\" is not supported; "))
  }

  @Test("says with exit code 3 that it may not talk to the agent")
  func forbidden() throws {
    let path = directory.file("agent.sock")
    try #require(chmod(directory.path, 0o700) == 0)
    let run = try Command(Binaries.path("weft"), ["members", "--agent-socket", path]).with(\.uid, 65_534).run()
    #expect(run.code == 3, "\(run)")
    #expect(run.error.hasPrefix("weft: no permission for \(path)"))
  }

  @Test("takes the socket from the environment")
  func environment() throws {
    let path = directory.file("other.sock")
    let run = try Command("/usr/bin/env", ["WEFT_AGENT_SOCKET=\(path)", Binaries.path("weft"), "members"]).run()
    #expect(run.code == 1)
    #expect(run.error.contains("no agent at \(path)"))
  }
}
