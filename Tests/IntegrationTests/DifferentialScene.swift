import Foundation
import MeshModel
import Synchronization
import WeftTestKit

/// nginx, HAProxy and weft-proxy side by side, each with as many doors as there are cases: whatever comes in by a door
/// goes to a server of that case alone, so cases run at once and no pooled connection carries one into another.
struct DifferentialScene {
  enum Peer: String, CaseIterable, Sendable { case weft, nginx, haproxy }

  private let pods: TwoPods
  private let proxy: ProxyUnderTest
  private let peers: [RunningProgram]
  private let files: TemporaryDirectory

  /// The first door of each proxy, and what is added to a door for the port of the server behind it.
  private static let doors: [Peer: UInt16] = [.weft: 20_000, .nginx: 21_000, .haproxy: 22_000]
  private static let toServer: UInt16 = 5000
  /// The address of the service whose ports are weft's doors; nobody has it (RFC 5737).
  private static let virtual = IPAddress(v4: 0xcb00_710a)
  /// How long a proxy waits for the rest of something (s); more only makes the tests slower.
  private static let patience_s = 1

  /// Starts all three with `count` doors.
  private init(doors count: Int) throws {
    let pods = try TwoPods()
    let files = try TemporaryDirectory()
    try Redirect.apply(to: pods.client, inbound: nil)
    let documents = try files.write("service.yaml", Self.service(count, at: pods.serverEnd.v4))
    let snapshot = files.file("snapshot.json")
    try runWeft(["compile", "-f", documents, "-o", snapshot]).orThrow()
    var options = ProxyUnderTest.Options("--snapshot", snapshot, "--idle-timeout", "\(Self.patience_s)")
    options.log = "none"
    proxy = try ProxyUnderTest(in: pods.client, options)
    let nginx = try files.write("nginx.conf", Self.nginx(count, at: pods.serverEnd.v4, in: files.path))
    let haproxy = try files.write("haproxy.cfg", Self.haproxy(count, at: pods.serverEnd.v4))
    peers = [
      try pods.server.start("nginx", "-p", files.path, "-e", "stderr", "-c", nginx),
      try pods.server.start("haproxy", "-db", "-f", haproxy),
    ]
    for (peer, program) in zip([Peer.nginx, .haproxy], peers) {
      let door = SocketAddress(pods.serverEnd.v4, port: Self.doors[peer, default: 0] + UInt16(count - 1))
      try eventually("\(peer) to listen") {
        if let code = program.exitCode { throw TestKitError("\(peer) ended with \(code): \(program.error.text)") }
        return (try? PodStream.connect(from: pods.server, to: door)) != nil
      }
    }
    self.pods = pods
    self.files = files
  }

  /// Runs every script through every proxy.
  static func run(_ scripts: [WireScript]) throws -> [[Peer: WireOutcome]] {
    try stride(from: 0, to: scripts.count, by: doorLimit).flatMap { first in
      let part = Array(scripts[first...].prefix(doorLimit))
      return try DifferentialScene(doors: part.count).runAll(part)
    }
  }

  /// One script a door, on a few threads: most of the time is spent waiting for a proxy's patience.
  private func runAll(_ scripts: [WireScript]) throws -> [[Peer: WireOutcome]] {
    let jobs = scripts.indices.flatMap { door in Peer.allCases.map { (door, $0) } }
    let outcomes = Mutex([[Peer: WireOutcome]](repeating: [:], count: scripts.count))
    let failures = Mutex([String]())
    let next = Atomic(0)
    let group = DispatchGroup()
    for _ in 0..<Self.lanes {
      group.enter()
      Thread.detachNewThread {
        while true {
          let job = next.add(1, ordering: .relaxed).oldValue
          guard job < jobs.count else { break }
          let (door, peer) = jobs[job]
          do {
            let outcome = try run(scripts[door], through: peer, door: door)
            outcomes.withLock { $0[door][peer] = outcome }
          } catch {
            failures.withLock { $0.append("door \(door) of \(peer): \(error)") }
          }
        }
        group.leave()
      }
    }
    group.wait()
    let said = failures.withLock { $0 }
    guard said.isEmpty else { throw TestKitError(said.joined(separator: "\n")) }
    return outcomes.withLock { $0 }
  }

  private func run(_ script: WireScript, through peer: Peer, door: Int) throws -> WireOutcome {
    let port = Self.doors[peer, default: 0] + UInt16(door)
    let address = SocketAddress(peer == .weft ? Self.virtual : pods.serverEnd.v4, port: port)
    let server = SocketAddress(pods.serverEnd.v4, port: port + Self.toServer)
    let source = peer == .weft ? pods.client : pods.server
    return try WireRun(script, from: source, to: address, server: pods.server, at: server).finish(within: .seconds(15))
  }

  /// How many ports a service and a slice may have.
  private static let doorLimit = 100
  /// Threads that run scripts: some proxies wait for seconds in a case or two, and nothing else should wait for them.
  private static let lanes = 16
}

extension DifferentialScene {
  /// The service that `a.test` is a name of, with a port of HTTP for each door.
  private static func service(_ count: Int, at server: IPAddress) -> String {
    let ports = (0..<count).map { doors[.weft, default: 0] + UInt16($0) }
    return """
      apiVersion: v1
      kind: Service
      metadata: {name: a, namespace: test}
      spec:
        clusterIP: \(virtual)
        ports:
      \(ports.map { "    - {name: http-\($0), port: \($0)}" }.joined(separator: "\n"))
      ---
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata: {name: a-1, namespace: test, labels: {kubernetes.io/service-name: a}}
      addressType: IPv4
      endpoints: [{addresses: [\(server)]}]
      ports:
      \(ports.map { "  - {name: http-\($0), port: \($0 + toServer)}" }.joined(separator: "\n"))

      """
  }

  /// nginx as its documentation shows a reverse proxy with kept connections and upgrades.
  private static func nginx(_ count: Int, at server: IPAddress, in directory: String) -> String {
    let first = doors[.nginx, default: 0]
    let ports = (0..<count).map { first + UInt16($0) }
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(directory)/\($0);" }
    return """
      daemon off; master_process off; pid \(directory)/nginx.pid; error_log stderr crit;
      events { worker_connections 4096; }
      http {
        access_log off; \(temporary.joined(separator: " "))
        client_header_timeout \(patience_s)s; client_body_timeout \(patience_s)s; keepalive_timeout \(patience_s)s;
        proxy_read_timeout \(2 * patience_s)s; proxy_next_upstream off;
        map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
        map $server_port $behind { \(ports.map { "\($0) s\($0);" }.joined(separator: " ")) }
        \(ports.map { "upstream s\($0) { server \(server):\($0 + toServer); keepalive 4; }" }.joined(separator: "\n"))
        server {
          listen \(server):\(first)-\(first + UInt16(count - 1));
          location / {
            proxy_pass http://$behind; proxy_http_version 1.1; proxy_request_buffering off;
            proxy_set_header Host $host; proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
          }
        }
      }
      """
  }

  private static func haproxy(_ count: Int, at server: IPAddress) -> String {
    let first = doors[.haproxy, default: 0]
    return """
      global
        maxconn 1000
      defaults
        mode http
        retries 0
        timeout connect 5s
        timeout client \(patience_s)s
        timeout http-request \(patience_s)s
        timeout http-keep-alive \(patience_s)s
        timeout server \(2 * patience_s)s
        timeout tunnel \(2 * patience_s)s
      frontend doors
        bind \(server):\(first)-\(first + UInt16(count - 1))
        default_backend servers
      backend servers
        server one \(server):+\(toServer)

      """
  }
}
