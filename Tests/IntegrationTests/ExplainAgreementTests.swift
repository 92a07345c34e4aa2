import Foundation
import MeshModel
import Testing
import WeftTestKit

/// `weft explain` asks the proxy that then gets the very request: what is explained must be what is done.
@Suite("What is explained is what is done")
struct ExplainAgreementTests {
  private let pods: TwoPods
  private let member: IPAddress
  private let forwarder: IPAddress

  init() throws {
    pods = try TwoPods()
    member = IPAddress(v4: pods.clientEnd.v4.v4 + 2)
    forwarder = IPAddress(v4: pods.clientEnd.v4.v4 + 3)
    for ip in [member, forwarder] {
      try pods.client.ip("address", "add", "\(ip)/28", "dev", pods.clientEnd.interface)
    }
  }

  private func address(_ peer: ExplainedRequest.Peer) -> IPAddress {
    switch peer {
    case .stranger: pods.clientEnd.v4
    case .member: member
    case .forwarder: forwarder
    }
  }

  /// Asks the proxy what would become of a request.
  private func explained<Reply: Decodable>(
    _ request: WrittenRequest,
    _ scene: RequestScene,
    _ flow: [String]
  ) throws -> Reply {
    let headers = request.headers.flatMap { ["--header", $0] }
    let run = try runWeft(
      ["explain", "--request", "\(request.method) http://\(request.host)\(request.target)", "-o", "json"] + headers
        + flow
        + ["--run-directory", scene.proxy.runDirectory.path]
    )
    return try JSONDecoder().decode(Reply.self, from: Data(run.output.utf8))
  }

  /// Sends a request over a connection of its own; nil where that is reset.
  private func sent(
    _ request: WrittenRequest,
    from source: IPAddress,
    to destination: SocketAddress
  ) throws -> RequestStream.Answer? {
    let stream = try PodStream.connect(from: pods.client, to: destination, source: SocketAddress(source, port: 0))
    let client = RequestStream(stream)
    do {
      return try client.ask(request.text)
    } catch let error as SocketFailure where error.code == ECONNRESET {
      return nil
    } catch is TestKitError {
      return nil
    }
  }

  @Test("of requests that come to a workload: status, policy, route, path and service")
  func inbound() throws {
    let server = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4) { .ok($0.head.target) }
    let issuer = try TokenIssuer()
    let documents = ExplainedInbound.documents(
      server.address,
      member: member,
      forwarder: forwarder,
      keySet: try issuer.keySet()
    )
    let scene = try RequestScene.inbound(in: pods, documents)
    let tokens = try issuer.tokens()
    for (index, request) in ExplainedInbound.requests.enumerated() {
      let written = WrittenRequest(request, index, tokens)
      let source = address(request.peer)
      let flow = ["--direction", "inbound", "--from", "\(source)", "--to", "\(server.address)"]
      let expected: InboundExplanation = try explained(written, scene, flow)
      let count = scene.proxy.records.count
      let answer = try sent(written, from: source, to: server.address)
      let what = Comment(rawValue: "\(request.testDescription): \(expected.outcome), \(expected.summary)")
      #expect(answer?.status == Int(expected.status ?? 200), what)
      if expected.outcome == .allowed { #expect(answer?.body == expected.forwardedTarget, what) }
      let record = try scene.proxy.record("of \(request.testDescription)", after: count) {
        $0["EVENT"]?.hasPrefix("request") == true
      }
      #expect(Facts(record) == Facts(expected), what)
    }
    #expect(ExplainedInbound.requests.count >= 40)
  }

  @Test("of requests that leave a workload: status, rule, service and whom they reach")
  func outbound() throws {
    let own = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4) { _ in .ok("own") }
    let other = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4) { _ in .ok("other") }
    let scene = try RequestScene.outbound(in: pods, ExplainedOutbound.documents(own.address, other.address))
    for (index, request) in ExplainedOutbound.requests.enumerated() {
      let written = WrittenRequest(request, index, [:])
      let destination = request.address ?? RequestScene.virtual
      let expected: RequestExplanation = try explained(written, scene, ["--to", "\(destination)"])
      let count = scene.proxy.records.count
      let answer = try sent(written, from: member, to: destination)
      let what = Comment(
        rawValue: "\(request.testDescription): \(expected.outcome), \(expected.refusal ?? expected.summary)"
      )
      guard expected.connection?.decision != .deny else {
        #expect(answer == nil, what)
        continue
      }
      #expect(answer?.status == Int(expected.status ?? 200), what)
      let record = try scene.proxy.record("of \(request.testDescription)", after: count) {
        $0["EVENT"]?.hasPrefix("request") == true
      }
      #expect(Facts(record) == Facts(expected), what)
      if answer?.status == 200 {
        let upstream = try #require(record["UPSTREAM"].flatMap { SocketAddress($0) })
        #expect(answer?.body == (upstream == own.address ? "own" : "other"))
        let reachable = expected.backends.filter(\.isUsable)
        #expect(reachable.contains { $0.endpoints.contains { $0.address == upstream } }, what)
        // Where nothing else is said, it is the service itself.
        let backend = record["BACKEND"] ?? record["SERVICE"]
        #expect(reachable.contains { $0.service == backend }, what)
      }
    }
    #expect(ExplainedOutbound.requests.count >= 40)
  }

  @Test("of names that a workload may not ask")
  func refused() throws {
    let server = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4) { _ in .ok() }
    let sidecar = """
      ---
      {apiVersion: networking.istio.io/v1, kind: Sidecar, metadata: {name: default},
       spec: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}}}

      """
    let scene = try RequestScene.outbound(in: pods, Documents.web(server.address) + sidecar)
    let written = WrittenRequest(ExplainedRequest("/x", host: "unknown.test"), 0, [:])
    let expected: RequestExplanation = try explained(written, scene, ["--to", "\(server.address)"])
    let answer = try sent(written, from: member, to: server.address)
    #expect(expected.outcome == .refused && expected.status != nil)
    #expect(answer?.status == expected.status.map(Int.init))
  }
}

/// A request as it goes out: with its token, and a mark that tells its record from others'.
private struct WrittenRequest {
  let method: String
  let host: String
  let target: String
  let headers: [String]

  init(_ request: ExplainedRequest, _ index: Int, _ tokens: [ExplainedRequest.Token: String]) {
    method = request.method
    host = request.host
    target = request.target + (request.target.contains("?") ? "&" : "?") + "case=\(index)"
    headers = request.headers + (request.token.flatMap { tokens[$0] }.map { ["Authorization: Bearer \($0)"] } ?? [])
  }

  var text: String {
    "\(method) \(target) HTTP/1.1\r\nHost: \(host)\r\n\(headers.map { $0 + "\r\n" }.joined())\r\n"
  }
}

/// What both sides say of a request in words; nil where that is not decided.
private struct Facts: Equatable {
  var service: String?
  var route: String?
  var policy: String?
  var rule: String?
  var dryRun: String?
  var audit: String?

  init(_ record: LogRecord) {
    service = record["SERVICE"]
    route = record["ROUTE"]
    policy = record["POLICY"]
    rule = record["RULE"]
    dryRun = record["DRY_RUN_POLICY"]
    audit = record["AUDIT_POLICY"]
  }

  /// Whom it is counted under is found out of what is let in.
  init(_ explained: InboundExplanation) {
    if explained.outcome == .allowed {
      service = explained.arrival.service.nonEmpty
      route = explained.arrival.rule.nonEmpty
    }
    guard explained.outcome == .allowed || explained.outcome == .denied else { return }
    policy = explained.authorization?.verdict.policy.nonEmpty
    rule = explained.authorization?.verdict.rule.nonEmpty
    dryRun = explained.authorization?.dryRunPolicy.nonEmpty
    audit = explained.authorization?.auditPolicy.nonEmpty
  }

  /// Of the endpoint, NetworkPolicies tell who let it, or did not.
  init(_ explained: RequestExplanation) {
    service = explained.destination.service.nonEmpty
    route = explained.rule?.rule
    let asked = explained.backends.filter { $0.percent > 0 }.flatMap(\.endpoints).first { $0.isReady }?.egress
    let isAsked = explained.outcome == .direct || explained.outcome == .routed
    policy = isAsked ? asked?.policy.nonEmpty : nil
    rule = isAsked ? asked?.rule.nonEmpty : nil
  }
}

extension InboundExplanation {
  /// The target as the program sees it: nothing but the path is changed.
  fileprivate var forwardedTarget: String { request.query.map { "\(path.forwarded)?\($0)" } ?? path.forwarded }
}

extension TokenIssuer {
  fileprivate func tokens() throws -> [ExplainedRequest.Token: String] {
    [
      .good: try token(), .admin: try token("\"sub\": \"alice\", \"role\": \"admin\""),
      .expired: try token(validFor_s: -600), .forged: try TokenIssuer().token(),
    ]
  }
}

extension String {
  fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
