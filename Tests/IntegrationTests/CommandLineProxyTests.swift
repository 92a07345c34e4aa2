import Glibc
import MeshModel
import Testing
import WeftTestKit

@Suite("weft check, connections and explain")
struct CommandLineProxyTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func weft(_ arguments: String...) throws -> Outcome {
    try runWeft(arguments + ["--run-directory", directory.path])
  }

  private func serve(_ name: String, _ replies: [UInt8]...) throws -> CommandLineAdminServer {
    try CommandLineAdminServer(name, in: directory.path, replies: replies)
  }

  private static func status(warnings: [String] = [], ready: Bool = true) throws -> [UInt8] {
    CommandLineAdminServer.reply(
      body:
        try AdminJSON.encode(
          ProxyStatus(
            name: "web",
            version: "0.1.0",
            pid: 7,
            uid: 1337,
            startedAtMs: 0,
            ready: ready,
            live: true,
            draining: false,
            workers: 2,
            snapshot: SnapshotStatus(state: .none),
            workload: .unlabelled,
            listeners: [],
            connections: ConnectionCounts(open: 1, total: 2),
            journal: JournalStatus(mode: "none", sent: 0, dropped: 0, rateLimited: 0),
            warnings: warnings
          )
        )
    )
  }

  private static func connection(_ id: String) throws -> ConnectionReport {
    ConnectionReport(
      id: id,
      direction: .outbound,
      source: try #require(SocketAddress("10.0.0.1:4000")),
      originalDestination: try #require(SocketAddress("192.0.2.1:443")),
      upstream: SocketAddress("192.0.2.1:443"),
      verdict: VerdictDescription(decision: .allow, policy: "shop/web", rule: "egress[0]", reason: "a rule allows it"),
      protocol: "tls",
      sni: "a\u{1b}[31m.example",
      bytesSent: 1536,
      bytesReceived: 10,
      ageMs: 61_000,
      process: ProcessReport(pid: 9, uid: 33, comm: "curl", cgroup: "/x")
    )
  }

  private static let explanation = Explanation(
    direction: .outbound,
    transport: .tcp,
    peer: IPAddress(v4: 0xc000_0201),
    port: 443,
    workload: .unlabelled,
    revision: nil,
    verdict: VerdictDescription(decision: .allow, reason: "no policy is loaded"),
    policies: []
  )

  @Test("say that no proxy runs, with exit code 1", arguments: ["check", "connections"])
  func none(verb: String) throws {
    let run = try weft(verb)
    #expect(run.code == 1)
    #expect(
      run.error == "weft: no proxy has a socket in \(directory.path); is weft-proxy running? try --run-directory\n"
    )
    let named = try weft("connections", "--proxy", "web")
    #expect(named.code == 1)
    #expect(
      named.error
        == "weft: no proxy listens at \(directory.path)/proxy-web.sock; is weft-proxy running? weft check lists those that do\n"
    )
  }

  @Test("show that a proxy is well")
  func well() throws {
    let server = try serve("web", try Self.status())
    let run = try weft("check")
    withExtendedLifetime(server) {}
    #expect(run.code == 0, "\(run)")
    #expect(run.output.hasPrefix("proxy web: well\n  process     weft-proxy 0.1.0, pid 7, uid 1337, 2 workers, up "))
    #expect(run.output.contains("\n  policy      none loaded, so everything passes\n"))
  }

  @Test("show what is wrong with a proxy, with exit code 1")
  func wrong() throws {
    let server = try serve("web", try Self.status(warnings: ["conntrack is 90 % full"], ready: false))
    let run = try weft("check")
    withExtendedLifetime(server) {}
    #expect(run.code == 1)
    #expect(run.output.hasPrefix("proxy web: look here\n"))
    #expect(run.output.hasSuffix("  ! it is not ready: it does not take connections yet\n  ! conntrack is 90 % full\n"))
  }

  @Test("tell of a proxy that was killed and left its socket")
  func killed() throws {
    let left = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let status = CommandLineAdminServer.bind(left, directory.file("proxy-web.sock"))
    try #require(status == 0)
    close(left)
    let run = try weft("check")
    #expect(run.code == 1)
    #expect(run.output.contains("is gone and left its socket; start weft-proxy again\n"))
  }

  @Test("list connections as a table in which nothing from a peer acts on the terminal")
  func connections() throws {
    let list = ConnectionList(connections: [try Self.connection("c1")], truncated: true)
    let server = try serve("web", CommandLineAdminServer.reply(body: try AdminJSON.encode(list)))
    let run = try weft("connections", "--limit", "1")
    withExtendedLifetime(server) {}
    #expect(run.code == 0, "\(run)")
    #expect(
      run.output.split(separator: "\n").last
        == "c1  outbound   10.0.0.1:4000  192.0.2.1:443  -         allow shop/web  tls a\\u{1b}[31m.example  -         1.5 KiB  10 B      1m01s  curl, pid 9, uid 33, /x"
    )
    #expect(run.error == "weft: proxy web has more than these 1; raise --limit\n")
  }

  @Test("explain a live connection")
  func explain() throws {
    let detail = ConnectionDetail(connection: try Self.connection("c1"), explanation: Self.explanation)
    let server = try serve("web", CommandLineAdminServer.reply(body: try AdminJSON.encode(detail)))
    let run = try weft("explain", "c1", "-o", "json")
    withExtendedLifetime(server) {}
    #expect(try AdminJSON.decode(ConnectionDetail.self, from: Array(run.output.utf8)) == detail)
  }

  @Test("pass on what a proxy refuses, with exit code 1")
  func refused() throws {
    let server = try serve(
      "web",
      CommandLineAdminServer.reply(status: 404, body: try AdminJSON.encode(AdminError("no connection is called c9")))
    )
    let run = try weft("explain", "c9")
    withExtendedLifetime(server) {}
    #expect(run.code == 1)
    #expect(run.error == "weft: \(directory.path)/proxy-web.sock: no connection is called c9\n")
  }

  @Test(
    "refuse a broken reply in one line",
    arguments: [
      ("", "the reply is broken: it ended within the head, after 0 bytes"),
      ("SSH-2.0-x\r\n\r\n", "the reply is broken: it does not start with HTTP/1.1 and a status"),
      ("HTTP/1.1 200 OK\r\n\r\n{}", "the reply is broken: it has no Content-Length that makes sense"),
      ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", "the reply is broken: it ended after 2 of 9 bytes"),
      (
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        "the reply is not what this weft understands; is the proxy of another version?"
      ),
    ]
  )
  func broken(reply: String, message: String) throws {
    let server = try serve("web", Array(reply.utf8))
    let run = try weft("connections")
    withExtendedLifetime(server) {}
    #expect(run.code == 1)
    #expect(run.error == "weft: \(directory.path)/proxy-web.sock: \(message)\n")
  }

  @Test("name a missing permission, with exit code 3")
  func permission() throws {
    let server = try serve("web")
    try #require(chmod(directory.file("proxy-web.sock"), 0o600) == 0)
    var command = Command(try Binaries.path("weft"), ["connections", "--run-directory", directory.path])
    command.uid = 65_534
    let run = try command.run()
    withExtendedLifetime(server) {}
    #expect(run.code == 3)
    #expect(
      run.error == "weft: no permission for \(directory.path)/proxy-web.sock; run as root or as the proxy's user\n"
    )
  }

  @Test("list what the living proxies carry where one is dead, with exit code 1")
  func oneDead() throws {
    let left = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let status = CommandLineAdminServer.bind(left, directory.file("proxy-dead.sock"))
    try #require(status == 0)
    close(left)
    let list = ConnectionList(connections: [try Self.connection("c1")], truncated: false)
    let server = try serve("web", CommandLineAdminServer.reply(body: try AdminJSON.encode(list)))
    let run = try weft("connections")
    withExtendedLifetime(server) {}
    #expect(run.code == 1)
    #expect(run.output.contains("c1  outbound"))
    #expect(
      run.error
        == "weft: the proxy at \(directory.path)/proxy-dead.sock is gone and left its socket; start weft-proxy again\n"
    )
  }

  @Test("find a connection whichever proxy carries it")
  func whichever() throws {
    let detail = ConnectionDetail(connection: try Self.connection("c1"), explanation: Self.explanation)
    let first = try serve("a", CommandLineAdminServer.reply(status: 404, body: try AdminJSON.encode(AdminError("no"))))
    let second = try serve("b", CommandLineAdminServer.reply(body: try AdminJSON.encode(detail)))
    let run = try weft("explain", "c1", "-o", "json")
    withExtendedLifetime((first, second)) {}
    #expect(run.code == 0 && run.error.isEmpty)
    #expect(try AdminJSON.decode(ConnectionDetail.self, from: Array(run.output.utf8)) == detail)
  }

  @Test("want a choice where there are several proxies")
  func several() throws {
    try directory.write("proxy-a.sock", "")
    try directory.write("proxy-b.sock", "")
    let run = try weft("explain", "--to", "192.0.2.1:1")
    #expect(run.code == 2)
    #expect(run.error == "weft: there are several proxies; choose one with --proxy: a, b\n")
  }
}
