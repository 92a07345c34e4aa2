import Foundation
import MeshModel
import WeftTestKit

/// What is between a program that speaks HTTP/2 and the one that it asks.
enum HTTP2Way: String, CaseIterable, Sendable {
  /// The client's proxy alone.
  case oneProxy
  /// A proxy beside each, which know nothing of each other.
  case twoProxies
  /// A proxy beside each, with mutual TLS between.
  case mesh
}

/// Two pods with whatever is between them.
struct HTTP2Scene {
  let client: Pod
  let server: Pod
  /// The client's proxy, and the server's where there is one.
  let near: ProxyUnderTest
  let far: ProxyUnderTest?
  /// Where servers listen.
  let address: SocketAddress
  /// What clients dial: the same, or a service.
  let service: SocketAddress
  private let mesh: MeshScene?
  private let pods: TwoPods?

  init(_ way: HTTP2Way) throws {
    switch way {
    case .mesh:
      let mesh = try MeshScene()
      (client, server) = (mesh.scene.pods.client, mesh.scene.pods.server)
      (near, far) = (mesh.scene.client, mesh.scene.server)
      address = SocketAddress(mesh.scene.pods.serverEnd.v4, port: 8080)
      try mesh.register("web", port: address.port)
      guard let ip = IPAddress(try mesh.scene.address(of: "web")) else { throw TestKitError("web has no address") }
      service = SocketAddress(ip, port: address.port)
      self.mesh = mesh
      pods = nil
    case .oneProxy, .twoProxies:
      let pods = try TwoPods()
      (client, server) = (pods.client, pods.server)
      address = SocketAddress(pods.serverEnd.v4, port: 8080)
      service = address
      try Redirect.apply(to: client, inbound: nil)
      near = try ProxyUnderTest(in: client)
      if way == .twoProxies {
        try Redirect.apply(to: server, outbound: nil)
        far = try ProxyUnderTest(in: server)
      } else {
        far = nil
      }
      self.pods = pods
      mesh = nil
    }
  }

  var target: String { "\(service)" }
  var url: String { "http://\(service)" }

  /// How many connections between the proxies with mutual TLS there were.
  var peers: Int { mesh?.handshakes ?? 0 }

  /// Starts one of our servers in Python at `address`.
  func serve(_ name: String) throws -> RunningProgram {
    let program = try server.start(
      ProgramsScene.python,
      ProgramsScene.program(name),
      "\(address.ip)",
      "\(address.port)"
    )
    return try program.waitForListener(address.port)
  }

  /// Starts one of our clients in Python, whose standard input stays open.
  func start(_ name: String, _ arguments: String...) throws -> RunningProgram {
    try client.command(ProgramsScene.python, ProgramsScene.program(name)).adding(arguments)
      .with(\.keepsInputOpen, true).start()
  }
}

extension Command {
  /// The same with more arguments.
  func adding(_ more: [String]) -> Command { with(\.arguments, arguments + more) }
}
