import AgentLink
import HTTP2
import Testing
import WeftTestKit

@Suite("Against a gRPC server that is not ours", .serialized)
struct RealServerTests {
  @Test("A call is answered, small and large, and a connection carries many")
  func unary() throws {
    let server = try RealServer()
    let loop = try Loop(server.path)
    for message in [[], Array("hello".utf8), [UInt8](repeating: 7, count: 4 << 20)] {
      let answer = try loop.end(of: loop.ask("Echo", message))
      #expect(answer.status == GRPCStatus(.ok))
      #expect(answer.messages.count == 1 && answer.messages.first == message)
    }
    #expect(loop.isGreeted)
    let calls = try (0..<50).map { try loop.ask("Echo", "\($0)") }
    var open = Set(calls)
    let deadline = Deadline()
    while !open.isEmpty {
      for case .ended(let call, let status) in try loop.turn(deadline) {
        #expect(status.isOK && open.remove(call) != nil)
      }
    }
  }

  @Test("Ten thousand messages of one answer arrive in order")
  func serverStreaming() throws {
    let server = try RealServer()
    let loop = try Loop(server.path)
    let answer = try loop.end(of: loop.ask("Count", "10000"))
    #expect(answer.status.isOK)
    #expect(answer.messages.map(\.text) == (0..<10_000).map(String.init))
  }

  @Test("Ten thousand messages go both ways at once, each waiting only for room")
  func bidirectional() throws {
    let server = try RealServer()
    var limits = GRPCLimits()
    limits.session.pendingBytes = 8 << 10
    let loop = try Loop(server.path, limits: limits)
    let call = try loop.start("Chat")
    let deadline = Deadline(.seconds(60))
    var (sent, seen, refusals) = (0, 0, 0)
    var status: GRPCStatus?
    while status == nil {
      while sent < 10_000 {
        do {
          try loop.send(call, "message \(sent)")
        } catch GRPCError.pendingFull {
          refusals += 1
          break
        }
        sent += 1
        if sent == 10_000 { try loop.finish(call) }
      }
      for event in try loop.turn(deadline) {
        switch event {
        case .message(_, let bytes):
          #expect(bytes.text == "message \(seen)")
          seen += 1
        case .ended(_, let end): status = end
        }
      }
    }
    #expect(status?.isOK == true && seen == 10_000)
    #expect(refusals > 0, "the bound was met")
  }

  @Test("An error brings its code and its message, in any letters, before an answer and after")
  func errors() throws {
    let server = try RealServer()
    let loop = try Loop(server.path)
    for (code, text) in [(GRPCStatus.Code.invalidArgument, "line 3: 100 % wörtlich → \"so\"\nline 4"), (.notFound, "")]
    {
      let request = [UInt8(code.rawValue)] + Array(text.utf8)
      let early = try loop.end(of: loop.ask("Fail", request))
      #expect(early.messages.isEmpty && early.status == GRPCStatus(code, text))
      let late = try loop.end(of: loop.ask("FailLate", request))
      #expect(late.messages.map(\.text) == ["first"] && late.status == GRPCStatus(code, text))
    }
    let unknown = try loop.end(of: loop.ask("NoSuchMethod", ""))
    #expect(unknown.status.code == .unimplemented && unknown.messages.isEmpty)
    #expect(loop.takesCalls, "the connection is as good as before")
  }

  @Test("The server hears the deadline and further fields, and ends a call that is late")
  func deadline() throws {
    let server = try RealServer()
    let loop = try Loop(server.path)
    let told = try loop.start("Told", timeout_ms: 100_000_000, metadata: [("workload.spiffe.io", "true")])
    try loop.send(told, [])
    try loop.finish(told)
    #expect(try loop.end(of: told).messages.map(\.text) == ["100000 true"])
    #expect(try loop.end(of: loop.ask("Told", "")).messages.map(\.text) == ["none absent"])
    #expect(try loop.end(of: loop.ask("Hang", "", timeout_ms: 200)).status.code == .deadlineExceeded)
  }

  @Test("A call that is given up ends at once, and the connection goes on")
  func cancelling() throws {
    let server = try RealServer()
    let loop = try Loop(server.path)
    let call = try loop.ask("Stall", "")
    let deadline = Deadline()
    var messages = 0
    while messages < 3 {
      for case .message in try loop.turn(deadline) { messages += 1 }
    }
    loop.cancel(call)
    #expect(try loop.end(of: loop.ask("Echo", "still here")).messages.map(\.text) == ["still here"])
    #expect(throws: GRPCError.notOpen) { try loop.send(call, "more") }
  }

  @Test("A message above the bound is refused either way, and the connection goes on")
  func hugeMessages() throws {
    let server = try RealServer()
    let loop = try Loop(server.path)
    let answer = try loop.end(of: loop.ask("Huge", "\(4 << 20 + 1)"))
    #expect(answer.messages.isEmpty && answer.status.code == .resourceExhausted)
    #expect(try loop.end(of: loop.ask("Huge", "\(4 << 20)")).messages.map(\.count) == [4 << 20])
    let call = try loop.start("Echo")
    #expect(throws: GRPCError.messageTooLarge(4 << 20 + 1, limit: 4 << 20)) {
      try loop.send(call, [UInt8](repeating: 0, count: 4 << 20 + 1))
    }
  }

  @Test("A server that is killed ends every call as unavailable, what it said before included")
  func killed() throws {
    let server = try RealServer()
    let loop = try Loop(server.path)
    let calls = try [loop.ask("Stall", ""), loop.ask("Stall", "")]
    let deadline = Deadline()
    var messages = 0
    while messages < 6 {
      for case .message in try loop.turn(deadline) { messages += 1 }
    }
    server.program.kill()
    var ends: [GRPCCall: GRPCStatus] = [:]
    while ends.count < 2 {
      for case .ended(let call, let status) in try loop.turn(deadline) { ends[call] = status }
    }
    #expect(calls.allSatisfy { ends[$0]?.code == .unavailable })
    #expect(loop.isOver && !loop.takesCalls)
    #expect(loop.reason?.contains("the agent closed the connection") == true, "\(loop.reason ?? "")")
    #expect(throws: (any Error).self) { try loop.start("Echo") }
  }

  @Test("A server that shuts down says goodbye: the call under way ends, and no other begins")
  func shutdown() throws {
    let server = try RealServer()
    let loop = try Loop(server.path)
    _ = try loop.end(of: loop.ask("Echo", "hello"))
    server.program.closeInput()
    let deadline = Deadline()
    while loop.takesCalls { _ = try loop.turn(deadline) }
    #expect(throws: (any Error).self) { try loop.start("Echo") }
    #expect(try server.program.waitForExit() == 0)
  }
}
