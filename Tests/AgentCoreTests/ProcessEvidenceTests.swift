import Foundation
import Glibc
import Kernel
import Testing
import WeftTestKit

@testable import AgentCore

@Suite("What the kernel says of a program")
struct ProcessEvidenceTests {
  private func satisfied(_ evidence: ProcessEvidence, _ selector: String) throws -> Bool {
    evidence.satisfies(try Selector(selector))
  }

  @Test("is its user, group and program; a program's file has every path that leads to it, and a copy has another")
  func own() throws {
    let evidence = try #require(ProcessEvidence(try Caller.own()))
    #expect(try satisfied(evidence, "unix:uid:\(geteuid())"))
    #expect(try !satisfied(evidence, "unix:uid:\(geteuid() + 1)"))
    #expect(try satisfied(evidence, "unix:gid:\(getegid())"))
    let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    #expect(try satisfied(evidence, "unix:path:\(program)"))
    let directory = try TemporaryDirectory()
    #expect(symlink(program, directory.file("link")) == 0)
    #expect(try satisfied(evidence, "unix:path:\(directory.file("link"))"))
    try FileManager.default.copyItem(atPath: "/bin/true", toPath: directory.file("other"))
    #expect(try !satisfied(evidence, "unix:path:\(directory.file("other"))"))
    #expect(try !satisfied(evidence, "unix:path:\(directory.file("none"))"))
  }

  @Test("is its network namespace, by the host's name for it or by number")
  func namespace() throws {
    let pod = try Pod()
    let program = try pod.command("/usr/bin/python3", "-c", "import sys; print(1, flush=True); sys.stdin.read()")
      .with(\.keepsInputOpen, true).start()
    try program.output.await("1")
    let began = try #require(PeerProcess.beginning(of: program.pid))
    let caller = Caller(uid: 0, gid: 0, process: PeerProcess(pid: program.pid, began: began))
    let evidence = try #require(ProcessEvidence(caller))
    let inode = try #require(FileIdentity(at: pod.path)).inode
    #expect(try satisfied(evidence, "unix:netns:\(pod.name)"))
    #expect(try satisfied(evidence, "unix:netns:\(inode)"))
    #expect(try !satisfied(evidence, "unix:netns:\(inode + 1)"))
    #expect(try !satisfied(evidence, "unix:netns:\(pod.name)x"))
    let own = try #require(ProcessEvidence(try Caller.own()))
    #expect(try !satisfied(own, "unix:netns:\(pod.name)"))
    #expect(throws: MeshRefusal.self) { try Selector("unix:netns:../../proc/self/ns/net") }
  }

  @Test("is its pod where it runs as the proxies' user there, and of several pods any")
  func pod() throws {
    let pod = try Pod()
    let program = try pod.command("/usr/bin/python3", "-c", "import sys; print(1, flush=True); sys.stdin.read()")
      .with(\.keepsInputOpen, true).start()
    try program.output.await("1")
    let began = try #require(PeerProcess.beginning(of: program.pid))
    func evidence(_ uid: UInt32) throws -> ProcessEvidence {
      let caller = Caller(uid: uid, gid: 0, process: PeerProcess(pid: program.pid, began: began))
      return try #require(ProcessEvidence(caller, proxyUser: 1337))
    }
    let (here, elsewhere) = (try Selector("unix:pod:\(pod.name)"), try Selector("unix:pod:elsewhere"))
    #expect(try evidence(1337).satisfies([here]))
    #expect(try evidence(1337).satisfies([elsewhere, here]))
    #expect(try !evidence(1337).satisfies([elsewhere]))
    #expect(try !evidence(1338).satisfies([here]), "another user's program")
    #expect(try !evidence(1337).satisfies([here, Selector("unix:gid:7")]), "all else must hold too")
    #expect("\(try evidence(1337))".hasSuffix("network namespace \(pod.name)"))
  }

  @Test("is not taken from a process that has the number of one that ended")
  func reused() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("any.sock")
    let listener = try UnixSocket.listen(at: path)
    let client =
      "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); print(1, flush=True); sys.stdin.read()"
    let program = try Command("/usr/bin/python3", ["-c", client, path]).with(\.keepsInputOpen, true).start()
    try program.output.await("1")
    let accepted = accept(listener.raw, nil, nil)
    try #require(accepted >= 0)
    defer { close(accepted) }
    // Its number for the test's own, as if it had been given to us after its end.
    let process = PeerProcess(pid: getpid(), ofSocket: accepted)
    let caller = Caller(uid: geteuid(), gid: getegid(), process: process)
    #expect(ProcessEvidence(caller) != nil)
    program.kill()
    _ = try program.waitForExit()
    #expect(ProcessEvidence(caller) == nil)
  }

  @Test("is told apart by when a process began where the kernel holds none")
  func older() throws {
    let began = try #require(PeerProcess.beginning(of: getpid()))
    let now = Caller(uid: 0, gid: 0, process: PeerProcess(pid: getpid(), began: began))
    #expect(ProcessEvidence(now) != nil)
    let before = Caller(uid: 0, gid: 0, process: PeerProcess(pid: getpid(), began: began - 1))
    #expect(ProcessEvidence(before) == nil)
  }

  @Test("is nothing of a process that the agent does not see")
  func unseen() {
    #expect(ProcessEvidence(Caller(uid: 0, gid: 0, process: PeerProcess(pid: 0, began: 0))) == nil)
  }
}
