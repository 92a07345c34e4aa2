import MeshModel
import Testing
import WeftTestKit

@testable import weft

@Suite("weft top")
struct CommandLineTopTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func top(_ arguments: String...) throws -> Outcome {
    try runWeft(["top", "--run-directory", directory.path] + arguments)
  }

  private func serve(_ name: String, _ replies: RequestTotals...) throws -> CommandLineAdminServer {
    try CommandLineAdminServer(
      name,
      in: directory.path,
      replies: replies.map { CommandLineAdminServer.reply(body: try AdminJSON.encode($0)) }
    )
  }

  private static func totals(
    _ series: [RequestSeriesTotals],
    uptime_ms: Int64,
    started_ms: Int64 = 1,
    folded: UInt64 = 0
  ) -> RequestTotals {
    RequestTotals(
      startedAtMs: started_ms,
      uptimeMs: uptime_ms,
      boundsMs: [1, 10, 5_000],
      series: series,
      folded: folded
    )
  }

  private static func series(
    _ service: String,
    requests: UInt64,
    failures: UInt64 = 0,
    unanswered: UInt64 = 0,
    buckets: [UInt64]
  ) -> RequestSeriesTotals {
    RequestSeriesTotals(
      direction: .outbound,
      service: service,
      route: "shop/r/rule0",
      requests: requests,
      successes: requests - failures - unanswered,
      failures: failures,
      latencyBuckets: buckets
    )
  }

  private static let before = totals(
    [series("shop/web:80", requests: 1_000, failures: 500, buckets: [0, 1_000, 0, 0])],
    uptime_ms: 10_000
  )
  private static let after = totals(
    [
      series("shop/web:80", requests: 1_200, failures: 501, buckets: [100, 1_098, 1, 1]),
      series("shop/db:80", requests: 3, unanswered: 3, buckets: [0, 0, 0, 0]),
      series("shop/idle:80", requests: 0, buckets: [0, 0, 0, 0]),
    ],
    uptime_ms: 12_000,
    folded: 2
  )

  @Test("shows what was between two looks: rates, success, percentiles, and what it cannot tell apart")
  func once() throws {
    let server = try serve("web", Self.before, Self.after)
    let run = try top("--once")
    #expect(server.targets == ["/v1/requests", "/v1/requests"])
    #expect(run.code == 0, "\(run)")
    #expect(
      run.output == """
        DIRECTION  SERVICE      ROUTE         RPS    SUCCESS  P50    P95    P99
        outbound   shop/web:80  shop/r/rule0  100.0  99.50%   1.0ms  9.3ms  10.0ms
        outbound   shop/db:80   shop/r/rule0  1.5    -        -      -      -


        """
    )
    #expect(
      run.error == "weft: proxy web has no series left for more services and routes: they are under \"other\"\n"
    )
  }

  @Test("prints the same as JSON, a line a look")
  func json() throws {
    let server = try serve("web", Self.before, Self.after)
    let run = try top("--once", "-o", "json")
    withExtendedLifetime(server) {}
    #expect(run.code == 0, "\(run)")
    #expect(
      run.output.hasPrefix("[{\"folded\":2,\"intervalMs\":2000,\"lastBoundMs\":5000,\"proxy\":\"web\",\"series\":[{")
    )
    #expect(run.output.contains("\"perSecond\":100,") && run.output.contains("\"successRate\":0.995"))
    #expect(run.output.split(separator: "\n").count == 1)
  }

  @Test("tells of a proxy that was started anew instead of rates that never were")
  func restarted() throws {
    let server = try serve("web", Self.before, Self.totals([], uptime_ms: 20_000, started_ms: 2))
    let run = try top("--once")
    withExtendedLifetime(server) {}
    #expect(run.code == 0 && run.output == "no request ended\n\n", "\(run)")
    #expect(run.error == "weft: proxy web was started anew: the next look tells more\n")
  }

  @Test("shows the others where one proxy does not answer, with exit code 1")
  func oneDead() throws {
    try directory.write("proxy-dead.sock", "")
    let server = try serve("web", Self.before, Self.after)
    let run = try top("--once")
    withExtendedLifetime(server) {}
    #expect(run.code == 1 && run.output.contains("shop/web:80") && run.error.contains("proxy-dead.sock"), "\(run)")
  }

  @Test("says that no proxy runs or answers, with exit code 1, and refuses an interval of nothing")
  func none() throws {
    #expect(try top("--once").code == 1)
    try directory.write("proxy-dead.sock", "")
    #expect(try top().code == 1)
    #expect(try top("--interval", "0").code == 2)
  }

  @Test(
    "reads percentiles off buckets as Prometheus does",
    arguments: [
      ([100, 0, 0, 0], 0.5, 0.5), ([0, 100, 0, 0], 0.5, 5.5), ([50, 50, 0, 0], 0.5, 1), ([0, 0, 0, 1], 0.5, 5_000),
      ([1, 0, 0, 99], 0.99, 5_000), ([0, 0, 4, 0], 1, 5_000), ([99, 1, 0, 0], 0.99, 1),
    ] as [([UInt64], Double, Double)]
  )
  func quantiles(buckets: [UInt64], part: Double, expected: Double) throws {
    let value = try #require(RequestRate.quantile(part, buckets, [1, 10, 5_000]))
    #expect(abs(value - expected) < 1e-9)
  }

  @Test("reads nothing off buckets that are empty, or not of these bounds")
  func noQuantiles() {
    #expect(RequestRate.quantile(0.5, [0, 0], [1]) == nil)
    #expect(RequestRate.quantile(0.5, [1, 2, 3], [1]) == nil)
    #expect(RequestRate.quantile(0.5, [], []) == nil)
  }

  @Test("counts the rows that the terminal has no room for, and tells what is beyond the last bound")
  func rows() throws {
    let slow = Self.totals([Self.series("shop/slow:80", requests: 9, buckets: [0, 0, 0, 9])], uptime_ms: 2_000)
    let rates = try #require(RequestRates(proxy: "a", Self.totals([], uptime_ms: 1_000), slow))
    let text = TopTable(rates: [rates]).text(.plain)
    #expect(text.hasSuffix("9.0  100%     >5s  >5s  >5s\n"), "\(text)")
    let more = try #require(RequestRates(proxy: "b", Self.before, Self.after))
    let cut = TopTable(rates: [more, rates], maxRows: 1).text(.plain)
    #expect(cut.hasPrefix("PROXY  DIRECTION") && cut.hasSuffix("and 2 more; -o json lists all\n"), "\(cut)")
    #expect(cut.contains("b      outbound   shop/web:80"))
  }
}
