import MeshModel
import Testing
import WeftTestKit

@Suite("weft explain --request")
struct CommandLineExplainTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func weft(_ arguments: String...) throws -> Outcome {
    try runWeft(["explain"] + arguments + ["--run-directory", directory.path])
  }

  private static func explanation(_ reason: String = "path / starts with /") throws -> RequestExplanation {
    var explanation = RequestExplanation(try ImaginedRequest(url: "http://web/"), workload: .unlabelled)
    explanation.outcome = .routed
    explanation.summary = "shop/r/a takes the request and sends it to shop/web:80"
    explanation.destination = .init(service: "shop/web:80", found: .byName, reason: "web is service shop/web")
    explanation.candidates = [.init(rule: "shop/r/a", match: 0, matches: true, isChosen: true, reason: reason)]
    var endpoint = RequestExplanation.EndpointPart(
      Endpoint(SocketAddress(IPAddress(v4: 0x0a00_0001), port: 80), zone: "z1")
    )
    endpoint.egress = VerdictDescription(
      decision: .allow,
      policy: "shop/web",
      rule: "egress[0]",
      reason: "a rule allows it"
    )
    endpoint.live = LiveEndpoint(workers: 2, latencyMs: 1.25, pending: 3, idleConnections: 4, passedOverBy: 1)
    explanation.backends = [.init(service: "shop/web:80", weight: 1, percent: 33.333, endpoints: [endpoint])]
    return explanation
  }

  private func serve(_ explanation: some Encodable) throws -> CommandLineAdminServer {
    try CommandLineAdminServer(
      "web",
      in: directory.path,
      replies: [CommandLineAdminServer.reply(body: try AdminJSON.encode(explanation))]
    )
  }

  @Test("asks a proxy with everything escaped, and prints what it says")
  func asks() throws {
    let server = try serve(try Self.explanation())
    let run = try weft("--request", "POST http://web/a b", "--header", "x: 1")
    // A URL has no blank, and a request line three words.
    #expect(run.code == 2 && server.targets.isEmpty)
    let good = try weft("--request", "POST http://web/a?b=c&d", "--header", "x-a: 1&2", "--header", "x-b:3")
    #expect(good.code == 0, "\(good)")
    #expect(
      server.targets == [
        "/v1/explain-request?direction=outbound&method=POST&url=http://web/a%3Fb%3Dc%26d&header=x-a:%201%262&header=x-b:%203"
      ]
    )
    #expect(
      good.output == """
        outbound GET http://web/: forwarded
          shop/r/a takes the request and sends it to shop/web:80
          workload: namespace default, labels none
          service: shop/web:80; web is service shop/web

        rules: in the order in which they are tried; the first that matches takes the request
          shop/r/a matches[0]: takes it: path / starts with /

        backend shop/web:80: weight 1, 33.3 % of requests
          10.0.0.1:80  ready  zone z1  allowed by shop/web egress[0]: a rule allows it  \
        1.3 ms expected, 3 under way, 4 idle connections, passed over by 1 of 2 workers

        """
    )
  }

  @Test("lets nothing that others wrote act on the terminal")
  func printable() throws {
    let server = try serve(try Self.explanation("header x is \"\u{1b}[31m\u{202e}\""))
    let run = try weft("--request", "http://web/")
    withExtendedLifetime(server) {}
    #expect(run.output.contains("header x is \"\\u{1b}[31m\\u{202e}\"") && !run.output.contains("\u{1b}"))
  }

  @Test("ends with exit code 1 where the request would be refused, in every form of output")
  func refused() throws {
    var explanation = try Self.explanation()
    explanation.backends[0].endpoints[0].isReady = false
    for output in ["table", "json", "yaml"] {
      let server = try serve(explanation)
      let run = try weft("--request", "http://web/", "-o", output)
      withExtendedLifetime(server) {}
      #expect(run.code == 1 && !run.output.isEmpty && run.error.isEmpty, "\(run)")
    }
  }

  @Test("says that a fault answers, and how, where it strikes every request")
  func fault() throws {
    var explanation = try Self.explanation()
    explanation.outcome = .aborted
    explanation.status = 503
    let server = try serve(explanation)
    let run = try weft("--request", "http://web/")
    withExtendedLifetime(server) {}
    let headline = run.output.split(separator: "\n").first ?? ""
    #expect(run.code == 1 && headline.hasSuffix(": answered by fault injection: 503, FI"), "\(run)")
  }

  @Test(
    "refuses what is no question, with exit code 2 and one line",
    arguments: [
      (["--request", "ftp://web/"], "--request: \"ftp://web/\" does not begin with http://"),
      (["--request", "GET http://web/ HTTP/1.1"], "The value 'GET http://web/ HTTP/1.1' is invalid"),
      (["--request", "http://web/", "--header", "x"], "--header \"x\" is not \"NAME: VALUE\""),
      (["--request", "http://web/", "--direction", "inbound"], "--direction inbound needs --from ADDRESS and --to"),
      (["--request", "http://web/", "--to", "10.0.0.1:0"], "--to 10.0.0.1:0 needs a port from 1 to 65535"),
      (["c1", "--request", "http://web/"], "name either a connection or --request, not both"),
      (["--header", "a: b", "--to", "10.0.0.1:1"], "--header belongs to --request"),
    ]
  )
  func usage(_ arguments: [String], _ message: String) throws {
    let run = try runWeft(["explain"] + arguments + ["-f", directory.path])
    #expect(run.code == 2)
    #expect(run.error.hasPrefix("weft: \(message)") && run.error.split(separator: "\n").count == 1, "\(run.error)")
  }

  @Test("tells that a request is too long to ask a proxy about")
  func tooLong() throws {
    let run = try weft("--request", "http://web/", "--header", "x: \(String(repeating: "ä", count: 3_000))")
    #expect(run.code == 2 && run.error.contains("ask documents with -f"), "\(run.error)")
  }

  @Test("asks documents, for the workload named")
  func documents() throws {
    try directory.write(
      "a.yaml",
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: closed, namespace: shop}
      spec: {}
      """
    )
    let arguments = ["--request", "http://web/", "--direction", "inbound", "--from", "10.0.0.9", "--to", "10.0.0.1:80"]
    let run = try runWeft(["explain", "-f", directory.path, "--namespace", "shop"] + arguments)
    #expect(run.code == 1)
    #expect(
      run.output.hasPrefix("inbound GET http://web/ from 10.0.0.9 to 10.0.0.1:80: denied by shop/closed\n"),
      "\(run)"
    )
    #expect(run.output.hasSuffix("\n\nshop/closed (ALLOW): it has no rule, so it never matches\n"))
    let other = try runWeft(["explain", "-f", directory.path, "--namespace", "bank"] + arguments)
    #expect(other.code == 0, "\(other)")
  }
}
