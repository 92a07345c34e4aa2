import Foundation
import MeshModel
import Testing
import WeftTestKit

/// Two pods, a proxy in each and both captured: what a program here and a server there meet in a mesh.
struct ProgramsScene {
  let pods: TwoPods
  /// The proxy beside the client, and the one beside the server.
  let near: ProxyUnderTest
  let far: ProxyUnderTest

  init() throws {
    pods = try TwoPods()
    try Redirect.apply(to: pods.client, inbound: nil)
    try Redirect.apply(to: pods.server, outbound: nil)
    near = try ProxyUnderTest(in: pods.client)
    far = try ProxyUnderTest(in: pods.server)
  }

  /// Both, the client's first.
  var proxies: [ProxyUnderTest] { [near, far] }

  /// Where servers of these tests listen.
  var address: SocketAddress { SocketAddress(pods.serverEnd.v4, port: 8080) }
  /// The same, as programs take it.
  var url: String { "http://\(address)" }

  /// The path of a program of these tests.
  static func program(_ name: String) -> String { "\(Binaries.repository)/Tests/IntegrationTests/Programs/\(name)" }

  /// Debian's own interpreter, which has Debian's modules, whatever else the machine's PATH offers.
  static let python = "/usr/bin/python3"

  /// Starts one of our servers in Python at `address`.
  func serve(_ name: String) throws -> RunningProgram {
    let server = try pods.server.start(
      Self.python,
      Self.program(name),
      "\(address.ip)",
      "\(address.port)"
    )
    return try server.waitForListener(address.port)
  }

  /// Runs one of our clients in Python to its end.
  func call(_ name: String, _ arguments: String..., within limit: Duration = .seconds(60)) throws -> Outcome {
    var command = pods.client.command(Self.python, Self.program(name))
    command.arguments += arguments
    return try command.run(within: limit)
  }

  /// Runs curl beside the client, through both proxies, or beside the server, whose loopback nobody captures.
  func curl(directly: Bool = false, _ arguments: [String], input: String = "") throws -> Outcome {
    try Command("curl", ["-sS", "--max-time", "20"] + arguments)
      .with(\.pod, directly ? pods.server : pods.client).with(\.input, Array(input.utf8)).run()
  }

  /// Waits for a record of a request in the log of each proxy.
  func records(
    of what: String,
    where matches: (LogRecord) -> Bool
  ) throws -> [LogRecord] {
    try proxies.map { try $0.record("of \(what)", where: matches) }
  }

  /// Every record of a request so far that is no success, of both proxies.
  var complaints: [LogRecord] {
    proxies.flatMap(\.records).filter {
      ["request-failed", "request-denied", "connection-failed"].contains($0["EVENT"])
    }
  }
}
