import MeshModel
import Testing

@testable import weft

@Suite("What weft prints for people")
struct CommandLineRenderingTests {
  @Test(
    "tells bytes in units people know",
    arguments: [
      (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1535, "1.4 KiB"), (10_240, "10 KiB"), (1 << 20, "1.0 MiB"),
      (UInt64.max, "16384 PiB"),
    ] as [(UInt64, String)]
  )
  func bytes(count: UInt64, expected: String) { #expect(Amounts.bytes(count) == expected) }

  @Test(
    "tells durations in two units at most",
    arguments: [
      (-5, "0ms"), (0, "0ms"), (999, "999ms"), (1000, "1s"), (61_000, "1m01s"), (3_600_000, "1h00m"),
      (90_061_000, "1d01h"),
    ] as [(Int64, String)]
  )
  func durations(milliseconds: Int64, expected: String) {
    #expect(Amounts.duration(milliseconds: milliseconds) == expected)
  }

  @Test(
    "writes out what would act on a terminal",
    arguments: [
      ("plain é 名", "plain é 名"), ("a\u{1b}[2J", "a\\u{1b}[2J"), ("a\nb\t", "a\\u{a}b\\u{9}"),
      ("\u{202e}cod.exe", "\\u{202e}cod.exe"), ("\u{9b}31m", "\\u{9b}31m"), ("a\u{200b}b", "a\\u{200b}b"),
    ]
  )
  func printable(text: String, expected: String) { #expect(Printable.text(text) == expected) }

  @Test("lines up columns, and marks an empty cell")
  func table() {
    var table = TextTable(["ID", "NAME"])
    table.add(["long-one", ""])
    table.add(["b", "x"])
    #expect(table.text(.plain) == "ID        NAME\nlong-one  -\nb         x\n")
    #expect(table.text(Style(isColoured: true)).hasPrefix("\u{1b}[1mID        NAME\u{1b}[0m\n"))
  }

  @Test("shows every part of a proxy's state, and each thing that is wrong")
  func check() throws {
    let listener = ListenerStatus(role: "outbound", address: try #require(SocketAddress("[::]:15001")), accepted: 1)
    let status = ProxyStatus(
      name: "web",
      version: "0.1.0",
      pid: 7,
      uid: 1337,
      startedAtMs: 0,
      ready: false,
      live: false,
      draining: false,
      workers: 1,
      snapshot: SnapshotStatus(
        state: .loaded,
        path: "/s",
        revision: "abc",
        policies: 2,
        loadedAtMs: 50_000,
        lastError: "bad"
      ),
      workload: try Workload(namespace: "shop", labels: ["b": "2", "a": "1"]),
      listeners: [listener],
      connections: ConnectionCounts(open: 1, total: 2, denied: 3),
      journal: JournalStatus(mode: "journal", sent: 4, dropped: 5, rateLimited: 6),
      warnings: ["full"]
    )
    let report = CheckReport(check: ProxyCheck(ProxySocket(name: "web", in: "/run/weft"), status), now_ms: 60_000)
    #expect(
      report.text(.plain) == """
        proxy web: look here
          process     weft-proxy 0.1.0, pid 7, uid 1337, 1 worker, up 1m00s
          policy      2 policies, revision abc of /s, loaded 10s ago
          workload    namespace shop, a=1 b=2
          outbound    [::]:15001, 1 connection accepted
          connections 1 open, 2 in all, 3 denied
          capture     connections arrive; weft-capture verify, run in the pod, tells whether all do
          journal     journal: 4 sent, 5 dropped, 6 over the rate limit
          ! it says that it is not live
          ! it is not ready: it does not take connections yet
          ! it refused the last snapshot: bad
          ! full

        """
    )
  }

  @Test("reads a reply only when it is whole, however it arrives")
  func reply() {
    let bytes = Array("HTTP/1.1 200 OK\r\ncontent-length:  2\r\n\r\nhi".utf8)
    for count in 0..<bytes.count {
      #expect(HTTPReply.read(Array(bytes.prefix(count)), isEnd: false) == .needsMore)
      guard case .malformed = HTTPReply.read(Array(bytes.prefix(count)), isEnd: true) else {
        Issue.record("\(count) bytes passed for a reply")
        return
      }
    }
    #expect(HTTPReply.read(bytes, isEnd: false) == .whole(HTTPReply(status: 200, body: Array("hi".utf8))))
    let endless = [UInt8](repeating: UInt8(ascii: "a"), count: HTTPReply.maxHeadBytes + 1)
    #expect(HTTPReply.read(endless, isEnd: false) == .malformed("its head has more than 16384 bytes"))
  }

  @Test("tells of the policies that apply first, and counts most of those that do not")
  func explanation() {
    typealias Part = Explanation.PolicyPart
    let others = (0..<12).map { Part(policy: "a/p\($0)", outcome: .notSelected, reason: "no") }
    let rule = Explanation.RulePart(
      rule: "ingress[0]",
      matches: true,
      reasons: ["from: any address", "ports: any port"]
    )
    let applying = Part(policy: "b/p", outcome: .allows, reason: "ingress[0] allows it", rules: [rule])
    let text = ExplanationText(
      explanation: Explanation(
        direction: .inbound,
        transport: .tcp,
        peer: IPAddress(v4: 1),
        port: 80,
        workload: .unlabelled,
        revision: "abc",
        verdict: VerdictDescription(decision: .allow, policy: "b/p", rule: "ingress[0]", reason: "a rule allows it"),
        policies: others + [applying]
      )
    ).text(.plain)
    #expect(
      text.hasPrefix(
        """
        inbound from 0.0.0.1 to port 80/TCP: allowed by b/p ingress[0]
          a rule allows it
          workload: namespace default, labels none
          snapshot: abc

        b/p: ingress[0] allows it
          ingress[0]: allows
            from: any address
            ports: any port

        a/p0: no

        """
      )
    )
    #expect(text.hasSuffix("a/p9: no\n\nand 2 policies more that do not apply; -o json lists all\n"))
  }
}
