import Foundation
import Glibc
import Testing
import WeftTestKit

/// What someone meets who follows the README with nothing but it: the programs must find each other without an option more.
@Suite("A newcomer")
struct NewcomerTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test("starts a proxy as root beside the agent's directory, and weft finds it by its name alone")
  func proxy() throws {
    let pod = try Pod()
    let name = "newcomer-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    defer { try? FileManager.default.removeItem(atPath: "/run/weft-proxy-\(name)") }
    let proxy = try Command(Binaries.path("weft-proxy"), ["--log", "stderr", "--name", name]).with(\.pod, pod).start()
    try proxy.error.await("proxy-ready")
    let check = try runWeft(["check", "--proxy", name])
    #expect(check.succeeded && check.output.contains("proxy \(name): well"), "\(check)")
    #expect(try runWeft(["connections", "--proxy", name]).output == "no live connections\n")
    #expect(!proxy.error.text.contains("listener-problem"), "\(proxy.error.text)")
    // Another user's programs cannot put a socket of theirs there.
    let made = try FileManager.default.attributesOfItem(atPath: "/run/weft-proxy-\(name)")
    #expect(made[.ownerAccountID] as? Int == 1337 && (made[.posixPermissions] as? Int ?? 0o777) & 0o022 == 0, "\(made)")
    proxy.signal(SIGTERM)
    #expect(try proxy.waitForExit() == 0)
  }

  @Test(
    "who mistypes is pointed to the help of the subcommand that was meant",
    arguments: [
      (["apply"], "name the documents with -f PATH", "weft apply"),
      (["token", "create", "--nonsense"], "Unknown option '--nonsense'", "weft token create"),
      (["nonsense"], "Unexpected argument 'nonsense'", "weft"),
      (["services", "--agent-socket", ""], "--agent-socket is empty; it is to be the agent's socket", "weft services"),
      (["tap", "--run-directory", ""], "--run-directory is empty; it is to hold proxies' sockets", "weft tap"),
    ]
  )
  func mistype(line: [String], what: String, command: String) throws {
    let outcome = try runWeft(line)
    #expect(outcome.code == 2, "\(outcome)")
    #expect(outcome.error == "weft: \(what); \(command) --help tells what there is\n", "\(outcome)")
  }

  @Test("is told why a path leads nowhere: a loop of links, and a directory that is closed to the user")
  func paths() throws {
    try #require(symlink("loop", directory.file("loop")) == 0)
    let loop = try runWeft(["validate", "-f", directory.file("loop")])
    #expect(loop.code == 2 && loop.error.contains("loop: cannot be read: Too many levels of symbolic links"), "\(loop)")
    try #require(mkdir(directory.file("closed"), 0o700) == 0)
    _ = try directory.write("closed/policy.yaml", "")
    chmod(directory.path, 0o755)
    let path = directory.file("closed/policy.yaml")
    let closed = try Command(Binaries.path("weft"), ["validate", "-f", path]).with(\.uid, 65_534).run()
    #expect(closed.code == 2 && closed.error == "\(path): cannot be read: Permission denied\n", "\(closed)")
  }

  @Test("reads of lists within lists within lists what is wrong, not the name of a function")
  func nesting() throws {
    let outcome = try runWeft(["validate", "-f", "-"], input: String(repeating: "[", count: 100_000))
    #expect(outcome.code == 2, "\(outcome)")
    #expect(outcome.error == "<stdin>:1:1: is nested too deeply: more than 1,000 lists and objects within each other\n")
  }

  @Test("with a limit of descriptors that is too low for a proxy is told of the limit")
  func descriptors() throws {
    let options = ["--log", "stderr", "--name", "low", "--run-directory", directory.path]
    let proxy = try Command(Binaries.path("weft-proxy"), options).with(\.pod, Pod()).with(\.descriptorLimit, 10).run()
    #expect(proxy.code == 1 && proxy.error.contains("raise the process's limit of descriptors"), "\(proxy)")
    #expect(proxy.error.split(separator: "\n").count == 1, "\(proxy)")
  }

  @Test("finds the version of every program", arguments: ["weft", "weft-agent", "weft-proxy", "weft-capture"])
  func version(program: String) throws {
    let outcome = try Command(Binaries.path(program), ["--version"]).run()
    #expect(outcome.succeeded && outcome.output.hasPrefix("\(program) "), "\(outcome)")
    let words = outcome.output.split(whereSeparator: \.isWhitespace)
    #expect(words.count == 2 && words[1].split(separator: ".").count == 3, "\(outcome)")
  }

  @Test("applies the examples of the README without an error or a warning")
  func examples() throws {
    let agent = try AgentUnderTest(in: Pod())
    for verb in [["validate"], ["apply"], ["apply"]] {
      let outcome = try agent.weft(verb + ["-f", "\(Binaries.repository)/docs/examples"])
      #expect(outcome.succeeded && outcome.error.isEmpty, "\(outcome)")
    }
  }

  @Test(
    "may have a shell complete what is typed",
    arguments: ["weft", "weft-agent", "weft-proxy", "weft-capture"],
    ["bash", "zsh", "fish"]
  )
  func completion(program: String, shell: String) throws {
    let outcome = try Command(Binaries.path(program), ["--generate-completion-script", shell]).run()
    #expect(outcome.succeeded && outcome.output.contains(program), "\(outcome)")
  }
}
