import Testing

@testable import Kernel

@Suite("Child processes")
struct ChildProcessTests {
  @Test("arguments, input, both outputs and the exit status pass unchanged, without a shell between")
  func passes() throws {
    let script = "printf '%s|' \"$@\"; cat; echo complaint >&2; exit 7"
    let arguments = ["a b", "$(id)", "'\"", "", "é\n"]
    let outcome = try ChildProcess("/bin/sh", ["-c", script, "sh"] + arguments).run(input: Array("fed".utf8))
    #expect(outcome.text == arguments.map { "\($0)|" }.joined() + "fed")
    #expect(outcome.complaint == "complaint\n")
    #expect(outcome.status == 7)
    #expect(!outcome.timedOut)
  }

  @Test("much input and output cross at once without a deadlock")
  func crosses() throws {
    let input = [UInt8](repeating: 0x61, count: 4 << 20)
    let outcome = try ChildProcess("/bin/cat", []).run(input: input)
    #expect(outcome.standardOutput == input)
  }

  @Test("a child that reads nothing costs no signal")
  func deaf() throws {
    let outcome = try ChildProcess("/bin/true", []).run(input: [UInt8](repeating: 0, count: 1 << 20))
    #expect(outcome.status == 0)
  }

  @Test("a child that outlives its deadline is killed and told as that")
  func deadline() throws {
    let outcome = try ChildProcess("/bin/sleep", ["1000"]).run(deadlineSeconds: 0)
    #expect(outcome.timedOut)
    #expect(outcome.status == 128 + 9)
  }

  @Test("a program that is not there is an error that names it")
  func absent() {
    #expect(throws: SystemError("posix_spawn", "/nonexistent/program", code: 2)) {
      try ChildProcess("/nonexistent/program", []).run()
    }
  }

  @Test("nothing of this process's environment is inherited unasked")
  func environment() throws {
    let outcome = try ChildProcess("/usr/bin/env", [], environment: ["ONLY=this"]).run()
    #expect(outcome.text == "ONLY=this\n")
  }
}
