import MeshModel
import Testing
import WeftTestKit

@testable import weft

@Suite("weft tap")
struct CommandLineTapTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func tap(_ arguments: String...) throws -> Outcome {
    var command = Command(try Binaries.path("weft"), ["tap", "--run-directory", directory.path] + arguments)
    command.environment = ["TZ": "UTC0"]
    return try command.run()
  }

  private func serve(_ name: String = "web", _ replies: TapReply...) throws -> CommandLineAdminServer {
    try CommandLineAdminServer(
      name,
      in: directory.path,
      replies: replies.map { CommandLineAdminServer.reply(body: try AdminJSON.encode($0)) }
    )
  }

  private static func request(_ sequence: UInt64, status: UInt16? = 200) throws -> RequestReport {
    var request = RequestReport(
      sequence: sequence,
      timeMs: 1_700_000_000_007,
      connection: "c1",
      number: 1,
      direction: .outbound,
      source: try #require(SocketAddress("10.0.0.1:4711")),
      originalDestination: try #require(SocketAddress("10.0.0.2:80")),
      method: "GET",
      authority: "web",
      path: "/items",
      status: status,
      outcome: .ok,
      reason: "finished"
    )
    request.service = "shop/web:80"
    request.durationUs = 3_456
    return request
  }

  private static func reply(_ requests: [RequestReport], newest: UInt64, lost: UInt64 = 0, leftOut: UInt64 = 0)
    -> TapReply
  {
    TapReply(requests: requests, newest: newest, lost: lost, leftOut: leftOut)
  }

  @Test("prints a line a request, asks on from the last one, and tells what is missing")
  func lines() throws {
    var denied = try Self.request(9, status: 403)
    denied.outcome = .denied
    denied.reason = "denied"
    denied.path = "/\u{1b}[2J"
    denied.upstream = SocketAddress("10.0.0.3:8080")
    denied.route = "shop/r/rule0"
    denied.backend = "shop/v2:80"
    denied.flags = "UAEX"
    denied.retries = 1
    denied.process = ProcessReport(comm: "curl")
    denied.verdict = VerdictDescription(decision: .deny, policy: "shop/p", reason: "a rule denies it")
    let server = try serve(
      "web",
      Self.reply([], newest: 7, leftOut: 4),
      Self.reply([try Self.request(8)], newest: 8, leftOut: 4),
      Self.reply([denied, try Self.request(10)], newest: 10, lost: 3, leftOut: 5)
    )
    let run = try tap("--count", "2", "--path", "/a b", "--status", "5xx", "--errors")
    #expect(run.code == 0, "\(run)")
    #expect(
      run.output == """
        22:13:20.007 outbound 10.0.0.1:4711 GET web/items 200 3.4ms shop/web:80
        22:13:20.007 outbound 10.0.0.1:4711 (curl) GET web/\\u{1b}[2J 403 denied 3.4ms shop/web:80 as shop/v2:80 \
        -> 10.0.0.3:8080 by shop/r/rule0 [UAEX] after 1 retry (shop/p: a rule denies it)

        """
    )
    #expect(
      run.error == """
        weft: proxy web: 3 requests made room for newer ones before this weft asked
        weft: proxy web: 1 request not kept, since there were too many in a second; a scrape counts all

        """
    )
    let filter = "&path=/a%20b&status=5xx&only=errors"
    #expect(
      server.targets
        == ["/v1/tap?limit=1\(filter)", "/v1/tap?after=7&limit=256\(filter)", "/v1/tap?after=8&limit=256\(filter)"]
    )
  }

  @Test("tells who was at the other end, as mutual TLS has proved it")
  func identities() throws {
    var inbound = try Self.request(1)
    inbound.direction = .inbound
    inbound.sourceIdentity = "spiffe://weft.local/ns/shop/sa/front"
    inbound.destinationIdentity = "spiffe://weft.local/ns/shop/sa/web"
    inbound.tlsVersion = "TLSv1.3"
    inbound.tlsResumed = true
    var outbound = inbound
    (outbound.direction, outbound.tlsResumed, outbound.sequence) = (.outbound, false, 2)
    let server = try serve("web", Self.reply([], newest: 0), Self.reply([inbound, outbound], newest: 2))
    let run = try tap("--count", "2")
    withExtendedLifetime(server) {}
    let lines = run.output.split(separator: "\n")
    #expect(lines.first?.hasSuffix("with spiffe://weft.local/ns/shop/sa/front TLSv1.3 resumed") == true, "\(run)")
    #expect(lines.last?.hasSuffix("with spiffe://weft.local/ns/shop/sa/web TLSv1.3") == true, "\(run)")
  }

  @Test("prints JSON lines that hold all of a request and the proxy's name")
  func json() throws {
    let server = try serve("web", Self.reply([], newest: 0), Self.reply([try Self.request(1)], newest: 1))
    let run = try tap("--count", "1", "-o", "json")
    withExtendedLifetime(server) {}
    #expect(run.code == 0, "\(run)")
    #expect(run.output.split(separator: "\n").count == 1 && run.output.contains("\"proxy\":\"web\""))
    #expect(try AdminJSON.decode(RequestReport.self, from: Array(run.output.utf8)) == (try Self.request(1)))
  }

  @Test("ends after the time it was given, though nothing came")
  func time() throws {
    let nothing = Self.reply([], newest: 0)
    let server = try serve("web", nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing)
    let run = try tap("--for", "1")
    withExtendedLifetime(server) {}
    #expect(run.code == 0 && run.output.isEmpty && run.error.isEmpty, "\(run)")
  }

  @Test("names the proxy of each request where there are several, and goes on with those that are left")
  func several() throws {
    let broken = CommandLineAdminServer.reply(status: 500, body: try AdminJSON.encode(AdminError("stuck")))
    let first = try CommandLineAdminServer(
      "a",
      in: directory.path,
      replies: [CommandLineAdminServer.reply(body: try AdminJSON.encode(Self.reply([], newest: 0))), broken]
    )
    let second = try serve("b", Self.reply([], newest: 0), Self.reply([try Self.request(1)], newest: 1))
    let run = try tap("--count", "1")
    withExtendedLifetime((first, second)) {}
    #expect(run.code == 1, "\(run)")
    #expect(run.output == "22:13:20.007 b outbound 10.0.0.1:4711 GET web/items 200 3.4ms shop/web:80\n")
    #expect(run.error.hasPrefix("weft: proxy a is tapped no longer: "))
  }

  @Test("tells of a proxy that was started anew")
  func restarted() throws {
    let server = try serve("web", Self.reply([], newest: 500), Self.reply([try Self.request(1)], newest: 1))
    let run = try tap("--count", "1")
    withExtendedLifetime(server) {}
    #expect(run.error == "weft: proxy web was started anew: what ended meanwhile is not shown\n")
    #expect(run.output.contains(" 200 "))
  }

  @Test(
    "refuses a filter that cannot be meant, with exit code 2",
    arguments: [["--status", "6xx"], ["--count", "0"], ["--for", "0"], ["--source", "web"], ["--direction", "up"]]
  )
  func usage(arguments: [String]) throws {
    let run = try runWeft(["tap", "--run-directory", directory.path] + arguments)
    #expect(run.code == 2 && run.error.hasPrefix("weft: "), "\(run)")
  }

  @Test("says that no proxy runs, with exit code 1")
  func none() throws {
    let run = try tap()
    #expect(run.code == 1 && run.error.contains("no proxy has a socket in"), "\(run)")
  }

  @Test(
    "tells durations as short as they can be told",
    arguments: [(0, "0us"), (999, "999us"), (1_000, "1.0ms"), (9_999, "9.9ms"), (10_000, "10ms"), (1_250_000, "1.2s")]
      as [(UInt64, String)]
  )
  func durations(microseconds: UInt64, expected: String) {
    #expect(TapLine.duration(microseconds: microseconds) == expected)
  }

  @Test("shows an unanswered request as that, and colours what went wrong")
  func styled() throws {
    var request = try Self.request(1, status: nil)
    request.outcome = .failed
    request.reason = "client-gone"
    let text = TapLine(tapped: TappedRequest(proxy: "web", request: request), showsProxy: false)
      .text(Style(isColoured: true))
    #expect(text.contains("\u{1b}[31munanswered client-gone\u{1b}[0m"))
  }
}
