import HTTP1
import MeshModel
import Policy
import Testing
import WeftTestKit

/// `decide` walks compiled rules, `explain` the documents: on seeded policies and requests they must agree in everything.
@Suite("Deciding and explaining requests")
struct AuthorizationAgreementTests {
  @Test("agree on 12,000 seeded requests")
  func agree() throws {
    var random = SplitMix64(seed: 20_261_125)
    var counts: [RequestVerdict.Reason: Int] = [:]
    var tried = 0
    var audited = 0
    for _ in 0..<600 {
      let policies = (0..<Int.random(in: 0...5, using: &random)).map { random.policy("p\($0)") }
      let table = AuthorizationTable(policies, for: .unlabelled)
      for _ in 0..<20 {
        let ask = random.ask()
        let (verdict, explained) = try ask.judge { (table.decide($0, $1), table.explain($0, $1)) }
        counts[verdict.reason, default: 0] += 1
        tried += verdict.dryRunPolicy == RequestVerdict.none ? 0 : 1
        audited += verdict.auditPolicy == RequestVerdict.none ? 0 : 1
        #expect(explained.verdict == table.describe(verdict), "\(policies) \(ask)")
        #expect(explained.dryRunPolicy == table.policyName(verdict.dryRunPolicy), "\(policies) \(ask)")
        #expect(explained.auditPolicy == table.policyName(verdict.auditPolicy), "\(policies) \(ask)")
      }
    }
    // The requests must be a mixture, or agreement says little.
    for reason in RequestVerdict.Reason.allCases { #expect((counts[reason] ?? 0) > 80, "\(counts)") }
    #expect(tried > 400 && audited > 400)
  }
}

extension SplitMix64 {
  fileprivate mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &self) == 0 }

  fileprivate mutating func pick<Element>(_ choices: [Element], else other: Element) -> Element {
    choices.randomElement(using: &self) ?? other
  }

  /// A request of few, similar parts.
  fileprivate mutating func ask() -> Ask {
    var ask = Ask(method: pick(["GET", "GET", "POST", "GETX"], else: "GET"))
    ask.target = pick(["/", "/a", "/a/b", "//a", "/b.js", "/a%2fb", "/a?x"], else: "/")
    ask.fields = [pick(["Host: web", "Host: WEB.", "Host: web:81", "Host: web.shop:80", "Host:"], else: "Host: web")]
    for _ in 0..<Int.random(in: 0...3, using: &self) {
      ask.fields.append(pick(["x-a: 1", "x-a: 2", "X-A: 1,2", "x-b: 1", "x-a:", "connection: x-a"], else: "x-a: 1"))
    }
    ask.source = IPAddress(v4: 0x0a00_0000 + UInt32.random(in: 0...7, using: &self))
    if chance(2) { ask.remote = IPAddress(v4: 0x0a00_0000 + UInt32.random(in: 0...7, using: &self)) }
    ask.destination = SocketAddress(IPAddress(v4: 0x0a00_0001), port: pick([80, 81], else: 80))
    if chance(2) {
      ask.peer = pick(["td/ns/a/sa/x", "spiffe://td/ns/b/sa/x"], else: "")
      ask.peerNamespace = pick(["a", "b"], else: "a")
    }
    if chance(2) { ask.serverName = pick(["web", "web.shop"], else: "web") }
    if chance(2) { ask.token = token() }
    return ask
  }

  private mutating func token() -> VerifiedToken {
    let values: [ClaimValue] = [
      .text("1"), .text("1 2"), .list([.text("1"), .text("2")]), .number("1"), .object([]),
    ]
    let value = pick(values, else: .null)
    return VerifiedToken(
      issuer: pick(["i", "i/s", "j"], else: "i"),
      subject: pick(["s", "", "s/t"], else: "s"),
      audiences: pick([[], ["1"], ["2", "1"]], else: []),
      presenter: pick(["", "1"], else: ""),
      claims: .object([.init("c", value), .init("scope", value)])
    )
  }

  fileprivate mutating func policy(_ name: String) -> AuthorizationPolicy {
    AuthorizationPolicy(
      namespace: chance(8) ? "other" : "default",
      name: name,
      selector: chance(8) ? LabelSelector(matchLabels: ["a": "x"]) : LabelSelector(),
      action: pick([.allow, .allow, .deny, .deny, .audit], else: .allow),
      isDryRun: chance(4),
      rules: (0..<Int.random(in: 0...2, using: &self)).map { _ in rule() }
    )
  }

  private mutating func rule() -> AuthorizationPolicy.Rule {
    AuthorizationPolicy.Rule(
      from: (0..<Int.random(in: 0...1, using: &self)).map { _ in source() },
      to: (0..<Int.random(in: 0...2, using: &self)).map { _ in operation() },
      when: (0..<Int.random(in: 0...1, using: &self)).map { _ in condition() }
    )
  }

  private mutating func matches(_ texts: [String]) -> [TextMatch] {
    (0..<Int.random(in: 1...2, using: &self)).map { _ in TextMatch(pick(texts, else: "*")) }
  }

  private mutating func blocks() -> [IPPrefix] {
    (0..<Int.random(in: 1...2, using: &self)).compactMap { _ in
      let address = IPAddress(v4: 0x0a00_0000 + UInt32.random(in: 0...7, using: &self))
      return IPPrefix(address, length: Int.random(in: 29...32, using: &self))
    }
  }

  private mutating func source() -> AuthorizationPolicy.Source {
    var source = AuthorizationPolicy.Source()
    let principals = ["td/ns/a/sa/x", "spiffe://td/*", "*sa/x", "*", "spiffe://*"]
    if chance(6) { source.principals = matches(principals) }
    if chance(6) { source.notPrincipals = matches(principals) }
    if chance(6) { source.requestPrincipals = matches(["i/s", "i*", "*s", "i/*", "*/s", "*", "i/s/t"]) }
    if chance(6) { source.notRequestPrincipals = matches(["i/s", "i*", "*s", "*"]) }
    if chance(6) { source.namespaces = matches(["a", "b*", "*"]) }
    if chance(6) { source.notNamespaces = matches(["a", "b*", "*"]) }
    if chance(3) { source.ipBlocks = blocks() }
    if chance(6) { source.notIPBlocks = blocks() }
    if chance(6) { source.remoteIPBlocks = blocks() }
    if chance(6) { source.notRemoteIPBlocks = blocks() }
    return source
  }

  private mutating func operation() -> AuthorizationPolicy.Operation {
    var operation = AuthorizationPolicy.Operation()
    let hosts = ["web", "web:81", "WEB*", "*shop", "*:80", "web:*", "*"]
    if chance(4) { operation.hosts = matches(hosts) }
    if chance(6) { operation.notHosts = matches(hosts) }
    if chance(4) { operation.ports = [pick([80, 81], else: 80)] }
    if chance(6) { operation.notPorts = [pick([80, 81], else: 80)] }
    if chance(3) { operation.methods = matches(["GET", "GET*", "*T", "*"]) }
    if chance(6) { operation.notMethods = matches(["GET", "POST*", "*X"]) }
    if chance(3) { operation.paths = matches(["/", "/a", "/a*", "*.js", "*"]) }
    if chance(8) { operation.notPaths = matches(["/", "/a/*", "*b"]) }
    return operation
  }

  private mutating func condition() -> AuthorizationPolicy.Condition {
    let keys: [(AuthorizationPolicy.Key, [String])] = [
      (.header("x-a"), ["1", "2", "1,2", "1, 2", "*", "1*", "*2", "2,*"]), (.header("X-A"), ["1", "*,2"]),
      (.header("host"), ["web", "*"]), (.sourceIP, ["10.0.0.0/30", "10.0.0.5", "x"]), (.remoteIP, ["10.0.0.4/30"]),
      (.destinationIP, ["10.0.0.1", "*"]), (.destinationPort, ["80", "81", "8x"]), (.sourceNamespace, ["a", "*"]),
      (.sourcePrincipal, ["td*", "spiffe://td/ns/a/sa/x"]), (.requestPrincipal, ["i/s", "*"]),
      (.requestAudiences, ["1", "*2"]), (.requestPresenter, ["1", "*"]), (.claim(["c"]), ["1", "1 2", "*"]),
      (.claim(["scope"]), ["1", "2", "1 2"]), (.claim(["c", "d"]), ["*"]), (.serverName, ["web*", "*shop"]),
    ]
    let (key, texts) = pick(keys, else: (.serverName, ["*"]))
    switch Int.random(in: 0..<4, using: &self) {
    case 0: return AuthorizationPolicy.Condition(key, notValues: matches(texts))
    case 1: return AuthorizationPolicy.Condition(key, values: matches(texts), notValues: matches(texts))
    default: return AuthorizationPolicy.Condition(key, values: matches(texts))
    }
  }
}
