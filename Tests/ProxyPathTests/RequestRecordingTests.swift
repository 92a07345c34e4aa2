import HTTP1
import Kernel
import MeshModel
import Policy
@testable import ProxyPath
import Testing
import Tokens

@Suite struct RequestRecordingTests {
  private let scene: RecorderScene

  init() throws { scene = try RecorderScene() }

  /// The one entry that an event leaves.
  private func entry(_ event: RequestEvent) throws -> [String: String?] {
    scene.outbox.post(event)
    #expect(scene.recorder.drain() == 1)
    let entries = try scene.entries()
    #expect(entries.count == 1)
    return try #require(entries.first)
  }

  @Test("A request leaves one entry with all that is known of it")
  func whole() throws {
    var event = RequestEvent.sample()
    event.retries = 1
    event.parentSpan = 0x10
    event.flags = [.upstreamRetryLimitExceeded]
    let entry = try entry(event)
    let expected: [String: String] = [
      "MESSAGE_ID": "17390de499504a04a56663c29135709d", "WEFT_EVENT": "request", "PRIORITY": "6",
      "SYSLOG_IDENTIFIER": "weft-proxy",
      "MESSAGE":
        "outbound 10.0.0.1:4711 -> shop/s1:80: GET web/items?id=1 200 finished, 5 bytes up, 128 bytes down, 3 ms",
      "WEFT_DIRECTION": "outbound", "WEFT_CONNECTION_ID": "00000000000000ab", "WEFT_REQUEST_NUMBER": "3",
      "WEFT_SOURCE": "10.0.0.1:4711", "WEFT_ORIGINAL_DESTINATION": "10.0.0.2:80", "WEFT_UPSTREAM": "10.0.0.3:8080",
      "WEFT_ENDPOINT": "10.0.0.3:8080", "WEFT_METHOD": "GET", "WEFT_AUTHORITY": "web", "WEFT_PATH": "/items?id=1",
      "WEFT_PROTOCOL": "http/1",
      "WEFT_STATUS": "200", "WEFT_SERVICE": "shop/s1:80", "WEFT_ROUTE": "shop/r2/rule0", "WEFT_BACKEND": "shop/s4:80",
      "WEFT_VERDICT": "allow", "WEFT_VERDICT_REASON": "nothing restricts it", "WEFT_REASON": "finished",
      "WEFT_FLAGS": "URX", "WEFT_RETRIES": "1", "WEFT_BYTES_SENT": "128", "WEFT_BYTES_RECEIVED": "5",
      "WEFT_DURATION_US": "3456", "WEFT_FIRST_BYTE_US": "2000", "WEFT_TRACE_ID": "0000000000000001000000000000abcd",
      "WEFT_SPAN_ID": "00000000000000ff", "WEFT_PARENT_SPAN_ID": "0000000000000010", "WEFT_PROXY": "web",
      "WEFT_CONFIG_VERSION": "none",
    ]
    for (name, value) in expected { #expect(entry[name] == .some(.some(value)), "\(name)") }
    #expect(Set(entry.keys) == Set(expected.keys).union(["__REALTIME_TIMESTAMP"]))
  }

  @Test("What is not known is absent, and nothing is made up for it")
  func little() throws {
    var event = RequestEvent.sample(.clientGone, status: 0)
    (event.servicePort, event.rule, event.backend) = (-1, -1, -1)
    event.upstream = SocketAddress(IPAddress(v4: 0), port: 0)
    event.verdict = nil
    (event.traceHigh, event.traceLow, event.firstByte_ns) = (0, 0, 0)
    event.keep("", "GET", "/")
    let entry = try entry(event)
    for name in [
      "UPSTREAM", "ENDPOINT", "AUTHORITY", "STATUS", "SERVICE", "ROUTE", "BACKEND", "VERDICT", "POLICY", "DETAIL",
      "RETRIES", "FIRST_BYTE_US", "TRACE_ID", "SPAN_ID", "PID",
    ] {
      #expect(entry["WEFT_\(name)"] == nil, "\(name)")
    }
    #expect(entry["WEFT_EVENT"] == "request-failed")
    #expect(
      entry["MESSAGE"]
        == "outbound 10.0.0.1:4711 -> 10.0.0.2:80: GET / unanswered client-gone, 5 bytes up, 128 bytes down, 3 ms"
    )
  }

  @Test("A denial tells who denied it and why, also what other policies would have done")
  func denied() throws {
    let names = SampleNames(
      verdict: RequestVerdictWords(
        description: VerdictDescription(
          decision: .deny,
          policy: "shop/p",
          rule: "rules[1]",
          reason: "rules[1] denies it"
        ),
        dryRunPolicy: "shop/try",
        auditPolicy: "shop/watch"
      )
    )
    scene.recorder.known.know(names, version: 8)
    let entry = try entry(.sample(.denied, status: 403, sampled: false, version: 8))
    #expect(entry["WEFT_EVENT"] == "request-denied" && entry["PRIORITY"] == "5")
    #expect(entry["WEFT_VERDICT"] == "deny" && entry["WEFT_POLICY"] == "shop/p" && entry["WEFT_RULE"] == "rules[1]")
    #expect(entry["WEFT_DRY_RUN_POLICY"] == "shop/try" && entry["WEFT_AUDIT_POLICY"] == "shop/watch")
    let message = try #require(entry["MESSAGE"] ?? nil)
    #expect(message.contains("403 denied (shop/p: rules[1] denies it), "), "\(message)")
  }

  @Test("What the client broke is named")
  func fault() throws {
    var event = RequestEvent.sample(.badRequest, status: 400)
    event.fault = HeadFault.bareLF.rawValue
    let entry = try entry(event)
    #expect(entry["WEFT_DETAIL"] == .some(HeadFault.bareLF.text.description))
    #expect(entry["PRIORITY"] == "4")
  }

  @Test("What was wrong with a token is named")
  func tokenFault() throws {
    var event = RequestEvent.sample(.unauthenticated, status: 401)
    event.tokenFault = TokenFault.expired.rawValue
    #expect(try entry(event)["WEFT_DETAIL"] == "token-expired")
  }

  @Test("Where a NetworkPolicy forbids the endpoint, it is told, and not that authorization had nothing against it")
  func flow() throws {
    let allowed = VerdictDescription(decision: .allow, policy: "shop/net", reason: "a rule allows it")
    let denied = VerdictDescription(decision: .deny, policy: "shop/net", reason: "no rule allows it")
    var event = RequestEvent.sample()
    #expect(RequestWords(event, SampleNames(), flow: denied).verdict?.description == denied)
    #expect(RequestWords(event, SampleNames(), flow: allowed).verdict?.description.policy == "")
    event.verdict = nil
    #expect(RequestWords(event, SampleNames(), flow: allowed).verdict?.description == allowed)
    // By the recorder: the table of the event's version tells it.
    scene.recorder.known.know(.passEverything, version: 7)
    event.flowVerdict = PolicyTable.passEverything.decide(.outbound, peer: IPAddress(v4: 1), port: 80, transport: .tcp)
    #expect(try entry(event)["WEFT_VERDICT"] == "allow")
  }

  @Test("No byte of a client's becomes a field, a line or an act on a terminal")
  func injection() throws {
    var event = RequestEvent.sample()
    event.method = .other
    let target = Array("/a\nWEFT_VERDICT=allow\nMESSAGE=\u{1b}[2J".utf8) + [0xff, 0]
    event.keep(Array("w\u{202e}b\r\n".utf8), Array("GE\nT".utf8), target)
    let entry = try entry(event)
    #expect(
      entry["MESSAGE"]
        == "outbound 10.0.0.1:4711 -> shop/s1:80: GE?T w???b??/a?WEFT_VERDICT=allow?MESSAGE=?[2J?? 200 finished, "
        + "5 bytes up, 128 bytes down, 3 ms"
    )
    #expect(entry["WEFT_AUTHORITY"] == "w\u{202e}b\r\n" && entry["WEFT_METHOD"] == "GE\nT")
    #expect(entry["WEFT_PATH"] == .some(.none), "bytes that are no UTF-8 travel as numbers")
    #expect(entry["WEFT_VERDICT_REASON"] == "nothing restricts it")
  }

  @Test("What was cut ends in an ellipsis")
  func cut() throws {
    var event = RequestEvent.sample()
    event.keep("web", "GET", "/" + String(repeating: "a", count: 300))
    let path = try #require(try entry(event)["WEFT_PATH"] ?? nil)
    #expect(path == "/" + String(repeating: "a", count: 236) + "…")
  }

  @Test("A success that is not sampled leaves no entry; whoever taps sees it all the same")
  func tapped() throws {
    scene.tap.arm(now_ns: .max - Tap.armed_ns)
    var event = RequestEvent.sample(sampled: false)
    event.isTapped = true
    scene.outbox.post(event)
    scene.outbox.post(.sample(.timeout, status: 504, sampled: false))
    #expect(scene.recorder.drain() == 2)
    #expect(try scene.entries().map { $0["WEFT_REASON"] } == ["timeout"])
    let seen = scene.tap.read(after: 0, limit: 10, TapFilter()).requests
    let report = try #require(seen.first)
    #expect(seen.count == 1)
    #expect(report.sequence == 1 && report.method == "GET" && report.authority == "web" && report.path == "/items?id=1")
    #expect(report.status == 200 && report.outcome == .ok && report.reason == "finished" && report.flags == "-")
    #expect(report.service == "shop/s1:80" && report.route == "shop/r2/rule0" && report.backend == "shop/s4:80")
    #expect(report.durationUs == 3456 && report.firstByteUs == 2000 && report.retries == 0)
    #expect(report.traceID == "0000000000000001000000000000abcd" && report.spanID == "00000000000000ff")
    #expect(report.upstream == SocketAddress("10.0.0.3:8080") && report.connection == "00000000000000ab")
    #expect(try AdminJSON.decode(RequestReport.self, from: AdminJSON.encode(report)) == report)
  }

  @Test("Numbers of tables that nobody knows any more stay without names")
  func forgottenTable() throws {
    for version in 8...20 as ClosedRange<UInt32> { scene.recorder.known.know(SampleNames(), version: version) }
    let entry = try entry(.sample())
    #expect(entry["WEFT_SERVICE"] == nil && entry["WEFT_VERDICT"] == nil && entry["WEFT_PATH"] == "/items?id=1")
  }

  @Test("Requests name the program of their connection, and stand before its end in the journal")
  func program() throws {
    let pair = try StreamPair.tcp()
    let ends = (pair.one.localAddress(), pair.other.localAddress())
    let source = try #require(ends.0)
    let destination = try #require(ends.1)
    func connection(_ kind: PathEvent.Kind) -> PathEvent {
      PathEvent(
        kind: kind,
        direction: .outbound,
        reason: .finished,
        detected: .silent,
        code: 0,
        id: ConnectionID(rawValue: 0xab),
        verdict: nil,
        policyVersion: 0,
        source: source,
        destination: destination,
        bytesSent: 0,
        bytesReceived: 0,
        duration_ns: 1,
        connect_ns: 0,
        hello: nil
      )
    }
    scene.outbox.post(connection(.opened))
    scene.outbox.post(.sample())
    scene.outbox.post(connection(.closed))
    #expect(scene.recorder.drain() == 3)
    let entries = try scene.entries()
    #expect(entries.map { $0["WEFT_EVENT"] } == ["request", "connection-closed"])
    #expect(entries.map { $0["WEFT_UID"] ?? nil } == ["\(ProcessIdentity.uid)", "\(ProcessIdentity.uid)"])
    #expect(scene.recorder.programs[ConnectionID(rawValue: 0xab)] == nil)
  }
}
