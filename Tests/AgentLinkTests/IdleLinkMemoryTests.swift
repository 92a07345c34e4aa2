import AgentLink
import Foundation
import Glibc
import HTTP2
import Kernel
import Testing
import WeftTestKit

@Suite("Memory of an idle link") struct IdleLinkMemoryTests {
  @Test("A process that connects, takes a push of some MiB and then is idle has grown by less than 300 KiB")
  func idle() async throws {
    let server = try RealServer()
    // A process of its own: nothing else allocates there. Anonymous memory is what each pod pays for again.
    await #expect(processExitsWith: .success) {
      [path = server.path as String, report = server.directory.file("grown") as String] in
      // What the measuring itself needs is there before.
      _ = try AnonymousMemory.now_KiB()
      let before = try AnonymousMemory.now_KiB()
      let loop = try Loop(path)
      let small = try loop.end(of: loop.ask("Echo", "hello"))
      try #require(small.status.isOK)
      let push = try loop.end(of: loop.ask("Count", "1000"))
      try #require(push.messages.count == 1000)
      try #require(try loop.end(of: loop.ask("Huge", "3000000")).messages.map(\.count) == [3_000_000])
      let grown = try AnonymousMemory.now_KiB() - before
      try #require(!loop.isOver)
      try "\(grown)".write(toFile: report, atomically: true, encoding: .utf8)
    }
    let grown_KiB = try #require(Int(try String(contentsOfFile: server.directory.file("grown"), encoding: .utf8)))
    print("an idle link: \(grown_KiB) KiB of anonymous memory")
    #expect(grown_KiB < 300)
  }
}

private enum AnonymousMemory {
  /// RssAnon of this process (proc_pid_status(5)).
  static func now_KiB() throws -> Int {
    let text = String(decoding: try FileContents.read("/proc/self/status", limit: 16 << 10), as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
    guard let field = line?.split(separator: " ").dropLast().last, let value = Int(field) else {
      throw TestKitError("no RssAnon in /proc/self/status")
    }
    return value
  }
}
