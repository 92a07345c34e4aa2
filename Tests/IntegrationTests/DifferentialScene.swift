import Foundation
import MeshModel
import Synchronization
import Testing
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
  /// The address of the services whose ports are weft's doors; nobody has it (RFC 5737).
  private static let virtual = IPAddress(v4: 0xcb00_710a)
  /// How long a proxy waits for the rest of something (s); more only makes the tests slower.
  private static let patience_s = 1

  /// Starts all three with `count` doors.
  init(doors count: Int) throws {
    let pods = try TwoPods()
    let files = try TemporaryDirectory()
    try Redirect.apply(to: pods.client, inbound: nil)
    let documents = try files.write("services.yaml", Self.services(count, at: pods.serverEnd.v4))
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

  /// Runs a script through one proxy's door.
  func run(_ script: WireScript, through peer: Peer, door: Int) throws -> WireOutcome {
    let port = Self.doors[peer, default: 0] + UInt16(door)
    let address = SocketAddress(peer == .weft ? Self.virtual : pods.serverEnd.v4, port: port)
    let server = SocketAddress(pods.serverEnd.v4, port: port + Self.toServer)
    let source = peer == .weft ? pods.client : pods.server
    return try WireRun(script, from: source, to: address, server: pods.server, at: server).finish(within: .seconds(15))
  }

  /// Runs `body` for every case and proxy on a few threads: most of the time is spent waiting for a proxy's patience.
  func forEach<Result: Sendable>(
    _ count: Int,
    _ body: @escaping @Sendable (Int, Peer) throws -> Result
  ) throws -> [[Peer: Result]] {
    let results = Mutex([[Peer: Result]](repeating: [:], count: count))
    let failures = Mutex([String]())
    let jobs = (0..<count).flatMap { index in Peer.allCases.map { (index, $0) } }
    let next = Atomic(0)
    let group = DispatchGroup()
    for _ in 0..<Self.lanes {
      group.enter()
      Thread.detachNewThread {
        while true {
          let job = next.add(1, ordering: .relaxed).oldValue
          guard job < jobs.count else { break }
          do {
            let result = try body(jobs[job].0, jobs[job].1)
            results.withLock { $0[jobs[job].0][jobs[job].1] = result }
          } catch {
            failures.withLock { $0.append("case \(jobs[job].0), \(jobs[job].1): \(error)") }
          }
        }
        group.leave()
      }
    }
    group.wait()
    let said = failures.withLock { $0 }
    guard said.isEmpty else { throw TestKitError(said.joined(separator: "\n")) }
    return results.withLock { $0 }
  }

  private static let lanes = 16
}

extension DifferentialScene {
  /// One service of HTTP for each door, and its endpoint.
  private static func services(_ count: Int, at server: IPAddress) -> String {
    (0..<count).map { index in
      let door = doors[.weft, default: 0] + UInt16(index)
      return """
        apiVersion: v1
        kind: Service
        metadata: {name: case-\(index)}
        spec:
          clusterIP: \(virtual)
          ports: [{name: http, port: \(door)}]
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          name: case-\(index)
          labels: {kubernetes.io/service-name: case-\(index)}
        addressType: IPv4
        endpoints: [{addresses: [\(server)]}]
        ports: [{name: http, port: \(door + toServer)}]
        ---

        """
    }.joined()
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
