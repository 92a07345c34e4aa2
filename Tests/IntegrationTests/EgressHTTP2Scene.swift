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
  func serve(_ name: String, _ more: String..., at port: UInt16? = nil) throws -> RunningProgram {
    let (certificate, port) = (try certificate(), port ?? endpoint.port)
    let arguments = [ProgramsScene.program(name), "\(endpoint.ip)", "\(port)", certificate.chain, certificate.key]
    let program = try pods.server.command(ProgramsScene.python).adding(arguments + more).start()
    return try program.waitForListener(port)
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

  /// Puts another certificate into the files of this one, and waits until it is in use.
  func renew(_ own: (chain: String, key: String), _ scene: RequestScene) throws {
    let count = scene.proxy.records.count
    let fresh = try authority.issue("second", "DNS:client.example")
    for (from, to) in [(fresh.key, own.key), (fresh.chain, own.chain)] {
      guard rename(from, to) == 0 else { throw TestKitError("cannot rename \(from)") }
    }
    try scene.proxy.record("of the new files", after: count) { $0["EVENT"] == "tls-files-read" }
    // All workers have taken up what came before they answer this.
    _ = try scene.proxy.admin("/v1/connections?limit=1")
  }

  /// A message of gRPC without content, as a file `message`.
  func message() throws -> TemporaryDirectory {
    let files = try TemporaryDirectory()
    try files.write("message", "\0\0\0\0\0")
    return files
  }

  /// How many connections the server has.
  func connections() throws -> Int {
    let lines = try pods.server.run("ss", "-tnH", "state", "established", "sport = :\(endpoint.port)").orThrow().output
    return lines.split(separator: "\n").count
  }
}
