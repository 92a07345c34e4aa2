import Foundation
import Glibc
import Testing
import WeftTestKit

/// What people type, and files that are not what they should be: each ends with one line on standard error that says who
/// failed, against what and what to check, and with the exit code that scripts read.
@Suite("Bad input at the command line")
struct CommandLineBadInputTests {
  private let directory: TemporaryDirectory

  /// A directory, an empty file, one that no program could have written, and one that is larger than any that is read.
  init() throws {
    directory = try TemporaryDirectory()
    try FileManager.default.createDirectory(atPath: directory.file("folder"), withIntermediateDirectories: false)
    _ = try directory.write("empty", "")
    let junk = Data([0x1b, 0x5b, 0x32, 0x4a, 0x00, 0xff, 0xfe, 0x07, 0x3d, 0x0d, 0x0a, 0x1b])
    try junk.write(to: URL(fileURLWithPath: directory.file("junk")))
    // Without blocks on the disk: only its length says that it is too large.
    let huge = open(directory.file("huge"), O_CREAT | O_WRONLY | O_CLOEXEC, 0o644)
    try #require(huge >= 0 && ftruncate(huge, 8 << 30) == 0 && close(huge) == 0)
  }

  /// Runs a command line in which `@/` stands for the directory.
  private func run(_ line: String) throws -> Outcome {
    let words = line.split(separator: " ").map { $0.replacing("@/", with: directory.path + "/") }
    return try Command(Binaries.path(String(words[0])), words.dropFirst().map { String($0) }).run()
  }

  private func expect(_ line: String, _ code: Int32, _ text: String) throws {
    let outcome = try run(line)
    #expect(outcome.code == code && outcome.output.isEmpty, "\(outcome)")
    let lines = outcome.error.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 2 && lines.last == "", "one line and its end: \(outcome)")
    #expect(outcome.error.contains(text.replacing("@/", with: directory.path + "/")), "\(outcome)")
    let isPlain = outcome.error.dropLast().unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    #expect(isPlain, "nothing in it acts on a terminal: \(outcome)")
  }

  @Test(
    "is refused by weft",
    arguments: [
      ("weft --nonsense", 2, "weft: Unknown option '--nonsense'"), ("weft nonsense", 2, "weft: Unexpected argument"),
      ("weft validate -f @/none", 2, "@/none: there is no such file"),
      ("weft validate -f @/folder", 2, "@/folder: holds no file that ends in .yaml"),
      ("weft validate -f @/junk", 2, "@/junk: is not UTF-8 text"),
      ("weft validate -f @/huge", 2, "has more than the 4194304 bytes allowed"),
      ("weft services --agent-socket @/none", 1, "weft: no agent at @/none"),
      ("weft services --agent-socket @/folder", 1, "weft: @/folder is no socket"),
      ("weft services --agent-socket @/empty", 1, "weft: @/empty is no socket"),
      ("weft services --agent-socket @/\(String(repeating: "a", count: 108))", 1, "107 bytes at most"),
    ] as [(String, Int32, String)]
  )
  func weft(line: String, code: Int32, text: String) throws { try expect(line, code, text) }

  @Test(
    "is refused by weft-proxy, before it serves anything",
    arguments: [
      ("--nonsense", "Unknown option '--nonsense'"), ("extra", "Unexpected argument 'extra'"),
      ("--snapshot @/none", "@/none: open @/none: No such file or directory"),
      ("--snapshot @/folder", "a regular file is wanted"), ("--snapshot @/empty", "`weft compile` writes it"),
      ("--snapshot @/junk", "@/junk: snapshot: the file is no JSON; `weft compile` writes it"),
      ("--snapshot @/huge", "bytes at most) @/huge: File too large"),
      ("--labels @@/none", "No such file or directory"), ("--labels @@/junk", "is not of the form key=value"),
      ("--user nobody-here", "no user 'nobody-here'"), ("--workers 0", "a count from 1 to 64"),
      ("--agent @/a --snapshot @/b", "two sources of the same documents"),
    ]
  )
  func proxy(options: String, text: String) throws {
    try expect("weft-proxy --log stderr --run-directory @/ \(options)", 2, text)
  }

  @Test(
    "is refused by weft-agent, before it serves anything",
    arguments: [
      ("--nonsense", 2, "Unknown option '--nonsense'"),
      ("--host-name A_b", 2, "--host-name A_b: the host name is not one"),
      ("--join nonsense", 2, "a join token begins with weft-join-v1."),
      ("--join @@/none", 2, "--join @@/none: No such file or directory"),
      ("--join @@/folder", 2, "--join @@/folder: Is a directory"), ("--join @@/empty", 2, "the file is empty"),
      ("--join @@/junk", 2, "a join token begins with weft-join-v1."),
      ("--run-dir @/empty", 1, "@/empty: Not a directory"), ("--dns x", 2, "\"x\" is not of the form"),
      ("--peer-port 7946", 2, "--peer-port and --gossip-port are both 7946"),
    ] as [(String, Int32, String)]
  )
  func agent(options: String, code: Int32, text: String) throws {
    try expect("weft-agent run --log stderr --data-dir @/data --run-dir @/run \(options)", code, "weft-agent: ")
    try expect("weft-agent run --log stderr --data-dir @/data --run-dir @/run \(options)", code, text)
  }

  @Test(
    "is refused by weft-capture, which changes nothing",
    arguments: [
      ("--nonsense", 2, "Unknown option '--nonsense'"),
      ("apply --proxy-uid nobody-here", 2, "--proxy-uid nobody-here: "),
      ("apply --netns @/none", 2, "--netns @/none: cannot be opened"),
      ("apply --netns @/empty", 2, "--netns @/empty: is not a network namespace"),
      ("apply --exclude-inbound-ports x", 2, "give ports from 1 to 65535"),
    ] as [(String, Int32, String)]
  )
  func capture(options: String, code: Int32, text: String) throws {
    try expect("weft-capture \(options)", code, text)
  }

  @Test("is a second program in the place of one that runs: it says what to look for")
  func twice() throws {
    let pod = try Pod()
    func proxy(_ name: String) throws -> Command {
      try Command(
        Binaries.path("weft-proxy"),
        ["--log", "stderr", "--name", name, "--run-directory", directory.path]
      ).with(\.pod, pod)
    }
    let first = try proxy("one").start()
    try first.error.await("proxy-started")
    let second = try proxy("two").run()
    #expect(second.code == 1 && second.error.contains("does another proxy run in this pod?"), "\(second)")
    #expect(second.error.split(separator: "\n").count == 1, "\(second)")
    first.kill()
  }

  @Test("of a test itself fails that test and holds up nothing: a stand-in that cannot listen")
  func standIn() {
    #expect(throws: TestKitError.self) {
      _ = try CommandLineAdminServer("web", in: directory.file("none"), replies: [])
    }
    #expect(throws: TestKitError.self) {
      _ = try CommandLineAdminServer(String(repeating: "a", count: 200), in: directory.path, replies: [])
    }
  }
}
