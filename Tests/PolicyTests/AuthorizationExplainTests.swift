import MeshModel
import Policy
import Testing

@Suite("An explanation of a request's verdict")
struct AuthorizationExplainTests {
  private func explain(_ policies: [AuthorizationPolicy], _ ask: Ask = Ask()) throws -> AuthorizationExplanation {
    let table = AuthorizationTable(policies, for: .unlabelled)
    return try ask.judge { table.explain($0, $1) }
  }

  @Test("says of each policy why it did not apply or what of it matched")
  func policies() throws {
    let found = try explain([
      AuthorizationPolicy(namespace: "mill", name: "a"),
      AuthorizationPolicy(namespace: "default", name: "b", selector: LabelSelector(matchLabels: ["app": "db"])),
      .test(.deny, [], name: "c"), .test(.allow, [.init()], name: "d"),
      .test(.audit, [.to { $0.methods = [.exact("POST")] }], name: "e"),
    ])
    #expect(found.policies.map(\.outcome) == [.notSelected, .notSelected, .doesNotMatch, .matches, .doesNotMatch])
    #expect(
      found.policies.map(\.reason) == [
        "it is for namespace mill, and the workload is in default",
        "its selector does not select the workload: label app=db is wanted, and there is no label app",
        "it has no rule, so it never matches", "rules[0] matches", "its only rule does not match",
      ]
    )
    #expect(found.policies.map(\.action) == ["ALLOW", "ALLOW", "DENY", "ALLOW", "AUDIT"])
    #expect(found.verdict.policy == "default/d" && found.verdict.rule == "rules[0]")
  }

  @Test("says of each rule what matched, or the first thing that did not")
  func rules() throws {
    var inside = AuthorizationPolicy.Source()
    inside.ipBlocks = try [prefix("192.168.0.0/16"), prefix("10.0.0.0/8")]
    inside.notIPBlocks = try [prefix("10.1.0.0/16")]
    var outside = AuthorizationPolicy.Source()
    outside.principals = [.prefix("td/")]
    var read = AuthorizationPolicy.Operation()
    read.methods = [.exact("GET"), .exact("HEAD")]
    read.paths = [.prefix("/api/")]
    let team = AuthorizationPolicy.Condition(.header("x-team"), values: [.exact("blue")], notValues: [.exact("red")])
    var ask = Ask(target: "/api/x", fields: ["Host: web", "x-team: blue", "x-team: red"])
    let rule = AuthorizationPolicy.Rule(from: [inside, outside], to: [read], when: [team])
    let missed = try explain([.test(.allow, [rule])], ask)
    #expect(
      missed.policies.first?.rules == [
        .init(
          rule: "rules[0]",
          matches: false,
          reasons: [
            "from[0] not ipBlocks: 10.1.2.3 matches 10.1.0.0/16; from[1] principals: nothing does not match td/*",
            "to[0] matches: methods: \"GET\" matches GET, HEAD; paths: \"/api/x\" matches /api/*",
            "when[0] request.headers[x-team]: \"blue\", \"red\" does not match blue",
            "when[0] not request.headers[x-team]: \"blue\", \"red\" matches red",
          ]
        )
      ]
    )
    #expect(missed.verdict.reason == "ALLOW policies select the workload and none matches")
    ask.source = IPAddress(v4: 0x0a02_0000)
    ask.fields = ["Host: web", "x-team: blue"]
    let matched = try explain([.test(.allow, [rule])], ask)
    #expect(
      matched.policies.first?.rules.first?.reasons.first
        == "from[0] matches: ipBlocks: 10.2.0.0 matches 192.168.0.0/16, 10.0.0.0/8; "
        + "not ipBlocks: 10.2.0.0 does not match 10.1.0.0/16"
    )
    #expect(matched.verdict.decision == .allow)
  }

  @Test("says that a rule asks for any source and any operation")
  func anything() throws {
    let found = try explain([.test(.allow, [.init()])])
    #expect(found.policies.first?.rules.first?.reasons == ["from: any source", "to: any operation"])
  }

  @Test("says that a value cannot be read, and what follows")
  func unjudgeable() throws {
    let rule = AuthorizationPolicy.Rule.when(.destinationPort, ["http"])
    let found = try explain([.test(.allow, [rule], name: "a"), .test(.deny, [rule], name: "d")])
    #expect(
      found.policies.compactMap { $0.rules.first?.reasons.last } == [
        "when[0] destination.port: a value cannot be read, so it does not allow",
        "when[0] destination.port: a value cannot be read, so it counts as matching",
      ]
    )
    #expect(found.verdict.policy == "default/d")
  }

  @Test("names the dry-run policy that would decide otherwise, and the audit")
  func noted() throws {
    let found = try explain([
      .test(.audit, [.init()], name: "a"), .test(.deny, [.init()], name: "d", isDryRun: true),
    ])
    #expect(found.auditPolicy == "default/a" && found.dryRunPolicy == "default/d")
    #expect(found.verdict.decision == .allow && found.policies.map(\.isDryRun) == [false, true])
  }

  @Test("counts what it does not list")
  func bounded() throws {
    let paths = (0..<20).map { TextMatch.exact("/p\($0)") }
    let found = try explain([.test(.allow, [.to { $0.paths = paths }])])
    let reason = try #require(found.policies.first?.rules.first?.reasons.last)
    #expect(reason.hasSuffix("/p7 and 12 more"))
  }

  @Test("comes back from JSON as it went")
  func coding() throws {
    let found = try explain([.test(.allow, [.init()])], Ask(target: "/a"))
    let again = try AdminJSON.decode(AuthorizationExplanation.self, from: AdminJSON.encode(found))
    #expect(again == found && found.path == "/a" && found.method == "GET" && found.host == "web")
  }
}
