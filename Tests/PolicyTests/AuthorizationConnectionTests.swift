import MeshModel
import Policy
import Testing

/// AuthorizationPolicies on connections of other protocols, and on those that have not said a request yet.
@Suite("A connection of which no request can be seen")
struct AuthorizationConnectionTests {
  private let all = AuthorizationPolicy.Rule()
  private let otherPort = AuthorizationPolicy.Rule.to { $0.ports = [80] }
  private let ask: Ask = {
    var ask = Ask()
    ask.remote = IPAddress(v4: 0xc000_0201)
    (ask.peer, ask.peerNamespace) = ("spiffe://mesh.test/ns/shop/sa/web", "shop")
    ask.serverName = "db.test"
    return ask
  }()

  private func verdict(_ policies: [AuthorizationPolicy], _ ask: Ask? = nil) throws -> RequestVerdict {
    let table = AuthorizationTable(policies, for: .unlabelled)
    return try (ask ?? self.ask).judge { _, facts in table.decide(connection: facts) }
  }

  /// Whether a rule matches; in a policy that allows and in one that denies it must be the same.
  private func matches(_ rule: AuthorizationPolicy.Rule, _ ask: Ask? = nil) throws -> Bool {
    let isAllowed = try verdict([.test(.allow, [rule])], ask).isAllowed
    #expect(try verdict([.test(.deny, [rule])], ask).isAllowed == !isAllowed)
    return isAllowed
  }

  @Test("is denied before it is allowed, and denied where ALLOW policies are there and none matches")
  func order() throws {
    let (allow, deny) = (AuthorizationPolicy.test(.allow, [otherPort, all]), AuthorizationPolicy.test(.deny, [all]))
    #expect(try verdict([]) == .notRestricted)
    #expect(try verdict([allow]) == RequestVerdict(isAllowed: true, reason: .allowMatches, policy: 0, rule: 1))
    #expect(try verdict([allow, deny]) == RequestVerdict(isAllowed: false, reason: .denyMatches, policy: 1, rule: 0))
    let strict = [AuthorizationPolicy.test(.deny, [otherPort]), .test(.allow, [otherPort]), .test(.allow, [otherPort])]
    #expect(try verdict(strict) == RequestVerdict(isAllowed: false, reason: .noAllowMatches, policy: 1))
    #expect(try verdict([.test(.deny, [otherPort])]) == .notRestricted)
  }

  @Test("is closed to all by an ALLOW policy without rules, and to none by such a DENY policy, a dry run or an audit")
  func emptyRules() throws {
    #expect(try verdict([.test(.allow, [])]) == RequestVerdict(isAllowed: false, reason: .noAllowMatches, policy: 0))
    #expect(try verdict([.test(.deny, []), .test(.audit, [all])]) == .notRestricted)
    for action in [AuthorizationPolicy.Action.allow, .deny] {
      for rules in [[], [all], [otherPort]] {
        #expect(try verdict([.test(action, rules, isDryRun: true)]) == .notRestricted)
      }
    }
  }

  @Test("is allowed by nothing that only a request has, and denied by it as if it held")
  func requestsAlone() throws {
    let rules: [AuthorizationPolicy.Rule] = [
      .to { $0.methods = [.exact("GET")] }, .to { $0.notMethods = [.exact("GET")] },
      .to { $0.paths = [.prefix("/")] }, .to { $0.notPaths = [.prefix("/admin")] },
      .to { $0.hosts = [.exact("web")] }, .to { $0.notHosts = [.exact("web")] },
      .from { $0.requestPrincipals = [.present] }, .from { $0.notRequestPrincipals = [.present] },
      .when(.header("host"), ["web"]), .when(.header("host"), not: ["other"]),
      .when(.claim(["a"]), ["x"]), .when(.claim(["a"]), not: ["x"]),
      .when(.requestPrincipal, ["x/y"]), .when(.requestPrincipal, not: ["x/y"]),
      .when(.requestAudiences, ["x"]), .when(.requestAudiences, not: ["x"]),
      .when(.requestPresenter, ["x"]), .when(.requestPresenter, not: ["x"]),
      // What nobody can read is judged so, too.
      .when(.sourceIP, ["nonsense"]), .when(.destinationPort, not: ["nonsense"]),
    ]
    for rule in rules {
      #expect(try verdict([.test(.allow, [rule])]).reason == .noAllowMatches, "\(rule)")
      let denied = try verdict([.test(.deny, [rule])])
      #expect(denied == RequestVerdict(isAllowed: false, reason: .denyMatches, policy: 0, rule: 0), "\(rule)")
    }
    // What is known of the connection besides must hold as well.
    let elsewhere = AuthorizationPolicy.Rule.to {
      $0.paths = [.prefix("/")]
      $0.ports = [80]
    }
    #expect(try verdict([.test(.deny, [elsewhere])]) == .notRestricted)
  }

  @Test("is judged by its port and its three addresses")
  func addresses() throws {
    #expect(try matches(.to { $0.ports = [80, 8080] }) && !matches(otherPort))
    #expect(try !matches(.to { $0.notPorts = [80, 8080] }) && matches(.to { $0.notPorts = [80] }))
    let (here, there) = (try prefix("10.1.2.0/24"), try prefix("10.1.3.0/24"))
    #expect(try matches(.from { $0.ipBlocks = [there, here] }) && !matches(.from { $0.ipBlocks = [there] }))
    #expect(try !matches(.from { $0.notIPBlocks = [here] }) && matches(.from { $0.notIPBlocks = [there] }))
    let (client, proxy) = (try prefix("192.0.2.1/32"), try prefix("10.1.2.3/32"))
    #expect(try matches(.from { $0.remoteIPBlocks = [client] }) && !matches(.from { $0.remoteIPBlocks = [proxy] }))
    #expect(
      try !matches(.from { $0.notRemoteIPBlocks = [client] }) && matches(.from { $0.notRemoteIPBlocks = [proxy] })
    )
    for (key, own, other) in [
      (AuthorizationPolicy.Key.sourceIP, "10.1.2.3", "10.1.2.4"), (.remoteIP, "192.0.2.1", "10.1.2.3"),
      (.destinationIP, "10.9.9.9", "10.9.9.8"), (.destinationPort, "8080", "80"),
    ] {
      #expect(try matches(.when(key, [own])) && !matches(.when(key, [other])), "\(key)")
      #expect(try !matches(.when(key, not: [own])) && matches(.when(key, not: [other])), "\(key)")
    }
  }

  @Test("is judged by who the peer has proved to be and whom it asked for by name; nobody is no one")
  func names() throws {
    var nobody = Ask()
    nobody.remote = ask.remote
    let own: [(AuthorizationPolicy.Rule, AuthorizationPolicy.Rule)] = [
      (
        .from { $0.principals = [.exact("mesh.test/ns/shop/sa/web")] },
        .from { $0.notPrincipals = [.prefix("mesh.test/")] }
      ),
      (.from { $0.namespaces = [.exact("shop")] }, .from { $0.notNamespaces = [.exact("shop")] }),
      (.when(.sourcePrincipal, ["mesh.test/ns/shop/sa/web"]), .when(.sourcePrincipal, not: ["*/web"])),
      (.when(.sourceNamespace, ["shop"]), .when(.sourceNamespace, not: ["shop"])),
      (.when(.serverName, ["db.test"]), .when(.serverName, not: ["db.test"])),
      (.from { $0.principals = [.present] }, .from { $0.notPrincipals = [.present] }),
    ]
    for (rule, negated) in own {
      #expect(try matches(rule) && !matches(negated), "\(rule)")
      #expect(try !matches(rule, nobody) && matches(negated, nobody), "\(rule)")
    }
    let others: [AuthorizationPolicy.Rule] = [
      .from { $0.principals = [.exact("mesh.test/ns/shop/sa/web2"), .exact("spiffe://mesh.test/ns/shop/sa")] },
      .from { $0.namespaces = [.exact("sho"), .exact("shop2")] }, .when(.sourcePrincipal, ["other.test/*"]),
      .when(.sourceNamespace, ["*x"]), .when(.serverName, ["*.test.example"]),
    ]
    for rule in others { #expect(try !matches(rule), "\(rule)") }
  }

  @Test("matches by any of a rule's sources and operations, and needs each part of one and each condition")
  func combinations() throws {
    let here = try prefix("10.1.2.3/32")
    let mine = AuthorizationPolicy.Rule.from { $0.ipBlocks = [here] }.from
    let nobodys = AuthorizationPolicy.Rule.from { $0.namespaces = [.exact("none")] }.from
    let open = AuthorizationPolicy.Rule.to { $0.ports = [8080] }.to
    let port = AuthorizationPolicy.Rule.when(.destinationPort, ["8080"]).when
    let otherWhen = AuthorizationPolicy.Rule.when(.destinationPort, ["80"]).when
    #expect(try matches(.init(from: nobodys + mine, to: otherPort.to + open, when: port)))
    #expect(try !matches(.init(from: nobodys, to: open, when: port)))
    #expect(try !matches(.init(from: mine, to: otherPort.to, when: port)))
    #expect(try !matches(.init(from: mine, to: open, when: port + otherWhen)))
    let half = AuthorizationPolicy.Rule.from {
      $0.ipBlocks = [here]
      $0.namespaces = [.exact("none")]
    }
    #expect(try !matches(half))
  }

  @Test("is judged by the policies that select the workload alone")
  func selection() throws {
    let web = try Workload(namespace: "shop", labels: ["app": "web"])
    func table(_ selector: LabelSelector) -> AuthorizationTable {
      AuthorizationTable(
        [AuthorizationPolicy(namespace: "shop", name: "a", selector: selector, action: .deny, rules: [all])],
        for: web
      )
    }
    let (own, other) = (
      table(LabelSelector(matchLabels: ["app": "web"])), table(LabelSelector(matchLabels: ["app": "db"]))
    )
    #expect(try !ask.judge { _, facts in own.decide(connection: facts) }.isAllowed)
    #expect(try ask.judge { _, facts in other.decide(connection: facts) } == .notRestricted)
  }
}
