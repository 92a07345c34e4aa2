import Foundation
import MeshModel
import WeftTestKit

/// A program in plain text, its proxy, and a server that speaks HTTP/2 in TLS, by a DestinationRule of the service `web`.
struct EgressHTTP2Scene {
  let pods: TwoPods
  let authority: OutsideAuthority
  let host = "api.example.com"
  /// Where the server listens.
  let endpoint: SocketAddress
  /// What clients dial: the service.
  let service = RequestScene.virtual

  init() throws {
    pods = try TwoPods()
    authority = try OutsideAuthority()
    endpoint = SocketAddress(pods.serverEnd.v4, port: 9443)
  }

  /// SIMPLE with the own authority.
  func simple(_ more: String = "") -> String { "{mode: SIMPLE, caCertificates: \(authority.root)\(more)}" }

  /// The service with these settings, by HTTP/2 where `protocol` says it.
  func documents(_ tls: String, protocol name: String = "HTTP2") -> String {
    let entry = Documents.outside(
      "web",
      "\(host), '*.example.org'",
      ports: "{number: 80, name: any, protocol: \(name), targetPort: \(endpoint.port)}",
      endpoints: "{address: \(endpoint.ip)}"
    )
    return entry.replacingOccurrences(of: "resolution:", with: "addresses: [\(service.ip)], resolution:")
      + Documents.destination("web", tls: tls)
  }

  func certificate(_ names: String = "DNS:api.example.com,DNS:*.example.org") throws -> (chain: String, key: String) {
    try authority.issue("server", names)
  }

  /// Starts one of our servers in Python.
  func serve(_ name: String) throws -> RunningProgram {
    let certificate = try certificate()
    let program = try pods.server.start(
      ProgramsScene.python,
      ProgramsScene.program(name),
      "\(endpoint.ip)",
      "\(endpoint.port)",
      certificate.chain,
      certificate.key
    )
    return try program.waitForListener(endpoint.port)
  }

  /// nginx, which says what it sees of its clients.
  func server(
    answer: String,
    clients: String? = nil,
    versions: String = "TLSv1.2 TLSv1.3",
    http2: Bool = true
  ) throws -> OutsideServer {
    let certificate = try certificate()
    return try OutsideServer(
      in: pods.server,
      on: endpoint,
      certificate,
      answer: answer,
      clients: clients,
      versions: versions,
      http2: http2
    )
  }

  /// Starts one of our clients in Python, whose standard input stays open.
  func start(_ name: String, _ arguments: String...) throws -> RunningProgram {
    try pods.client.command(ProgramsScene.python, ProgramsScene.program(name)).adding(arguments)
      .with(\.keepsInputOpen, true).start()
  }

  /// What curl gets by HTTP/2 in plain text, one answer a line.
  func get(_ urls: String..., more: [String] = [], version: String = "--http2-prior-knowledge") throws -> Outcome {
    let arguments = ["-s", "--max-time", "60", version, "-w", " %{http_code}\n", "--resolve", "*:80:\(service.ip)"]
    return try Command("curl", arguments + more + urls).with(\.pod, pods.client).run(within: .seconds(60))
  }

  /// How many connections the server has.
  func connections() throws -> Int {
    let lines = try pods.server.run("ss", "-tnH", "state", "established", "sport = :\(endpoint.port)").orThrow().output
    return lines.split(separator: "\n").count
  }
}
