import Foundation
import Glibc
import WeftTestKit

/// A host with an agent, and programs of several users that ask it who they are by a client that is not ours.
struct WorkloadScene {
  let pod: Pod
  let agent: AgentUnderTest

  /// Users that nothing else on a host has: `nobody`'s are others' in a container.
  static let web: UInt32 = 64_011
  static let other: UInt32 = 64_012

  init(_ arguments: String...) throws {
    pod = try Pod()
    agent = try AgentUnderTest(in: pod, arguments)
  }

  /// Registers `spiffe://weft.local/ns/default/sa/ACCOUNT`; returns it.
  @discardableResult
  func register(_ account: String, _ selectors: String...) throws -> String {
    let id = "spiffe://weft.local/ns/default/sa/\(account)"
    let command = ["identity", "register", "--spiffe-id", id] + selectors.flatMap { ["--selector", $0] }
    var weft = Command(try Binaries.path("weft"), command)
    weft.environment["WEFT_AGENT_SOCKET"] = agent.socket
    try weft.run().orThrow()
    return id
  }

  /// `spiffe_program.py` with `arguments`, as `uid`.
  func program(as uid: UInt32, _ arguments: String...) throws -> Command {
    Command(try Self.python, [Self.script, agent.socket] + arguments).with(\.pod, pod).with(\.uid, uid)
  }

  static let script = "\(Binaries.repository)/Tests/IntegrationTests/Programs/spiffe_program.py"

  /// Python with PyPI's spiffe.
  static var python: String {
    get throws {
      let environment = "\(Binaries.repository)/.build/test/python"
      guard access("\(environment)/has-spiffe", F_OK) == 0 else {
        throw TestKitError("no PyPI spiffe in \(environment): run scripts/setup test")
      }
      return "\(environment)/bin/python3"
    }
  }

  /// How many streams the agent says are open; it needs `--metrics-port 15014`.
  func openStreams() throws -> Int {
    let page = try Command("curl", ["-sS", "--fail", "--max-time", "10", "http://127.0.0.1:15014/metrics"])
      .with(\.pod, pod).run().orThrow().output
    let line = page.split(separator: "\n").first { $0.hasPrefix("weft_agent_workload_streams ") }
    guard let count = line?.split(separator: " ").last.flatMap({ Int($0) }) else {
      throw TestKitError("no weft_agent_workload_streams in \(page)")
    }
    return count
  }
}

/// What `fetch` and `stream` of `spiffe_program.py` say.
struct GivenIdentity: Decodable, Equatable {
  let id: String
  let ids: [String]
  let leaf: String
  let intermediates: String
  let key: String
  let bundle: String
  let roots: Int
}

/// What `token` says.
struct GivenToken: Decodable, Equatable {
  let id: String
  let token: String
  let audience: [String]
}

/// What `judge` says: whose the token is, or why it is not believed.
struct JudgedToken: Decodable, Equatable {
  let agent: String
  let program: String
  /// The names of the mesh's keys.
  let keys: [String]
}

/// What `raw` and `flood` say.
struct CallStatus: Decodable, Equatable {
  let code: String
  let details: String
  var open: Int?
}

/// What `serve` and `dial` say.
struct HandshakeReport: Decodable, Equatable {
  var peer: [String]?
  var read: String?
  var error: String?
}

extension Outcome {
  /// The first line that it said.
  func said<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let line = try orThrow().output.split(separator: "\n").first ?? ""
    return try JSONDecoder().decode(type, from: Data(line.utf8))
  }
}

extension RunningProgram {
  /// Waits for the line with this number, from 0 on.
  func line<Value: Decodable>(_ number: Int, _ type: Value.Type) throws -> Value {
    let line = try output.await("line \(number)") { text -> String? in
      // What stands behind the last line feed is not whole yet.
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      return lines.count > number ? String(lines[number]) : nil
    }
    do { return try JSONDecoder().decode(type, from: Data(line.utf8)) } catch {
      throw TestKitError("\(command) said \(line), which is no \(type)")
    }
  }
}
