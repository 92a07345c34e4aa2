import Glibc
import HTTP2
import Kernel
import MeshAPI
import SwiftProtobuf
import Testing
import WeftTestKit

@testable import AgentLink

@Suite("The blocking client") struct AgentClientTests {
  /// The error that `body` ends with.
  private func failure(_ body: () throws -> Void) -> AgentCallError? {
    do {
      try body()
      return nil
    } catch {
      return error as? AgentCallError
    }
  }

  private func failure(connectingTo path: String) -> AgentCallError? {
    failure { _ = try AgentClient(path: path) }
  }

  @Test("A call brings its answer as a message, and a stream its messages one by one")
  func calls() throws {
    let server = try RealServer()
    var client = try AgentClient(path: server.path)
    var request = Weft_Agent_V1_ServicesRequest()
    request.name = "web"
    let answer: Weft_Agent_V1_ServicesRequest = try client.call(RealServer.method("Echo"), request)
    #expect(answer == request)
    for _ in 0..<2 {
      try client.open(RealServer.method("Chat"), request)
      let first = try client.next(as: Weft_Agent_V1_ServicesRequest.self)
      let none = try client.next(as: Weft_Agent_V1_ServicesRequest.self)
      #expect(first == request && none == nil)
    }
    // A stream that is not read to its end makes way for the next call.
    try client.open(RealServer.method("Chat"), request)
    let again: Weft_Agent_V1_ServicesRequest = try client.call(RealServer.method("Echo"), request)
    #expect(again == request)
  }

  @Test("A refusal is in the server's words, and a method it does not know says so")
  func refusals() throws {
    let server = try RealServer()
    var client = try AgentClient(path: server.path)
    // As a message of one field: its bytes are code 10 (aborted) and the text.
    var request = Weft_Agent_V1_ServicesRequest()
    request.namespace = "web is older"
    let refused = failure {
      let _: Weft_Agent_V1_ServicesReply = try client.call(RealServer.method("Fail"), request)
    }
    guard case .refused(_, let status)? = refused else { throw TestKitError("\(String(describing: refused))") }
    #expect(status.code == .aborted && "\(status)".hasSuffix("web is older"))
    let unknown = failure {
      let _: Weft_Agent_V1_ServicesReply = try client.call(RealServer.method("Nothing"), request)
    }
    #expect("\(unknown.map { "\($0)" } ?? "")".hasPrefix("the agent does not know weft.test.Peer/Nothing"))
  }

  @Test("Who does not answer in time, and who ends while the answer is awaited, is told apart")
  func slowAndBroken() throws {
    let server = try RealServer()
    let path = server.path
    var client = try AgentClient(path: path)
    let slow = failure {
      let _: Weft_Agent_V1_StatusReply = try client.call(
        RealServer.method("Hang"),
        Weft_Agent_V1_StatusRequest(),
        timeout_ms: 200
      )
    }
    #expect(slow == .timedOut(RealServer.method("Hang"), path: path, timeout_ms: 200))
    #expect("\(slow.map { "\($0)" } ?? "")".contains("did not answer Hang within 200 ms"))
    server.program.kill()
    let broken = failure {
      let _: Weft_Agent_V1_StatusReply = try client.call(RealServer.method("Hang"), Weft_Agent_V1_StatusRequest())
    }
    guard case .broken(path, _)? = broken else { throw TestKitError("\(String(describing: broken))") }
    // Its end of the connection may be closed before its listener is.
    _ = try server.program.waitForExit()
    #expect(failure(connectingTo: path) == .unreachable(.unreachable(.gone(path: path))))
  }

  @Test("A socket that is missing, and one that is for others, are told in people's terms")
  func unreachable() throws {
    let directory = try TemporaryDirectory()
    let missing = directory.file("none.sock")
    #expect(
      failure(connectingTo: missing).map { "\($0)" }
        == "no agent at \(missing); is weft-agent running? try `systemctl status weft-agent`"
    )
    let path = directory.file("own.sock")
    let listener = try UnixSocket.listen(at: path)
    #expect(chown(path, 0, 1) == 0)
    let refused = FileOwner(user: 65_534, group: 65_534).own { failure(connectingTo: path) }
    #expect(refused.map { "\($0)" } == "no permission for \(path); root and group daemon may talk to the agent")
    let hidden = directory.file("hidden")
    #expect(mkdir(hidden, 0o700) == 0)
    let unseen = FileOwner(user: 65_534, group: 65_534).own { failure(connectingTo: "\(hidden)/agent.sock") }
    #expect(unseen.map { "\($0)" }?.hasSuffix("its directory does not let this user in") == true)
    _ = listener.raw
  }

  @Test("A listener whose queue is full is busy, and one that says nothing is timed out")
  func silent() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("silent.sock")
    let listener = try UnixSocket.listen(at: path)
    var client = try AgentClient(path: path)
    let silent = failure {
      let _: Weft_Agent_V1_StatusReply = try client.call(
        RealServer.method("Echo"),
        Weft_Agent_V1_StatusRequest(),
        timeout_ms: 50
      )
    }
    guard case .timedOut? = silent else { throw TestKitError("\(String(describing: silent))") }
    var held: [Loop] = []
    var busy: AgentConnectionError?
    while busy == nil, held.count < 1000 {
      do {
        held.append(try Loop(path))
      } catch {
        busy = error as? AgentConnectionError
      }
    }
    #expect(busy == .unreachable(.busy(path: path)))
    _ = listener.raw
  }

  @Test("An answer of another kind is no answer")
  func unreadable() throws {
    let server = try RealServer()
    var client = try AgentClient(path: server.path)
    var request = Weft_Agent_V1_ServicesRequest()
    request.name = "web"
    let none = failure {
      // Nothing at all comes back for a stream of no messages.
      let _: Weft_Agent_V1_StatusReply = try client.call(RealServer.method("Silent"), request)
    }
    guard case .unreadable? = none else { throw TestKitError("\(String(describing: none))") }
    let malformed = failure {
      let _: Weft_Agent_V1_StatusReply = try client.call(RealServer.method("Junk"), request)
    }
    guard case .unreadable? = malformed else { throw TestKitError("\(String(describing: malformed))") }
  }
}
