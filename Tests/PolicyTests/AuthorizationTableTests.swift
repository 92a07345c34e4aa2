import MeshModel
import Policy
import Testing

@Suite("An authorization table")
struct AuthorizationTableTests {
  private let all = AuthorizationPolicy.Rule()
  private let never = AuthorizationPolicy.Rule.to { $0.methods = [.exact("NEVER")] }

  private func verdict(_ policies: [AuthorizationPolicy], _ target: String = "/") throws -> RequestVerdict {
    try Ask(target: target).verdict(policies)
  }

  @Test("allows what no policy speaks of")
  func none() throws {
    #expect(AuthorizationTable([], for: .unlabelled).isEmpty)
    #expect(try verdict([]) == .notRestricted)
    #expect(try verdict([.test(.deny, [never])]).reason == .notRestricted)
  }

  @Test("denies before it allows, and denies what no ALLOW policy matches")
  func order() throws {
    let allow = AuthorizationPolicy.test(.allow, [never, all], name: "a")
    let deny = AuthorizationPolicy.test(.deny, [all], name: "d")
    #expect(try verdict([allow]) == RequestVerdict(isAllowed: true, reason: .allowMatches, policy: 0, rule: 1))
    #expect(try verdict([allow, deny]) == RequestVerdict(isAllowed: false, reason: .denyMatches, policy: 1, rule: 0))
    let strict = [AuthorizationPolicy.test(.deny, [never]), .test(.allow, [never]), .test(.allow, [never])]
    #expect(try verdict(strict) == RequestVerdict(isAllowed: false, reason: .noAllowMatches, policy: 1))
  }

  @Test("allows nothing by an ALLOW policy without rules, and denies nothing by such a DENY policy")
  func emptyRules() throws {
    #expect(try !verdict([.test(.allow, [])]).isAllowed)
    #expect(try verdict([.test(.deny, [])]).isAllowed)
    #expect(try verdict([.test(.allow, []), .test(.allow, [all])]).isAllowed)
  }

  @Test("matches all by a rule that asks nothing, be it by an empty source or operation")
  func emptyParts() throws {
    for rule in [all, .from { _ in }, .to { _ in }, .when(.header("x"))] {
      #expect(try verdict([.test(.allow, [rule])]).isAllowed)
    }
  }

  @Test("takes any of a rule's sources and operations, but wants each of its conditions")
  func combinations() throws {
    let post = AuthorizationPolicy.Rule.to { $0.methods = [.exact("POST")] }.to
    let get = AuthorizationPolicy.Rule.to { $0.methods = [.exact("GET")] }.to
    let port = AuthorizationPolicy.Rule.when(.destinationPort, ["8080"]).when
    let otherPort = AuthorizationPolicy.Rule.when(.destinationPort, ["80"]).when
    #expect(try Ask().matches(.init(to: post + get)))
    #expect(try !Ask().matches(.init(to: post)))
    #expect(try Ask().matches(.init(to: post + get, when: port)))
    #expect(try !Ask().matches(.init(to: post + get, when: port + otherPort)))
  }

  @Test("holds only the policies that select the workload, and keeps their places in the documents")
  func selection() throws {
    let web = try Workload(namespace: "shop", labels: ["app": "web"])
    let policies = [
      AuthorizationPolicy(namespace: "mill", name: "a", action: .deny, rules: [all]),
      AuthorizationPolicy(
        namespace: "shop",
        name: "b",
        selector: LabelSelector(matchLabels: ["app": "db"]),
        action: .deny,
        rules: [all]
      ),
      AuthorizationPolicy(namespace: "shop", name: "c", action: .allow, rules: [all]),
    ]
    let table = AuthorizationTable(policies, for: web)
    let verdict = try Ask().judge { table.decide($0, $1) }
    #expect(verdict == RequestVerdict(isAllowed: true, reason: .allowMatches, policy: 2, rule: 0))
    #expect(
      table.describe(verdict)
        == VerdictDescription(
          decision: .allow,
          policy: "shop/c",
          rule: "rules[0]",
          reason: "a rule of an ALLOW policy matches"
        )
    )
    #expect(AuthorizationTable(Array(policies.prefix(2)), for: web).isEmpty)
  }

  @Test("denies a path that programs read differently, where a policy that decides speaks of paths, and only there")
  func hazards() throws {
    let byPath = AuthorizationPolicy.test(.allow, [.to { $0.notPaths = [.prefix("/admin")] }])
    for target in ["/a%2fb", "/a%5Cb", "/a%00", "/a;b", "/a\\b", "/a%zz"] {
      let denied = try verdict([byPath], target)
      #expect(denied.reason == .hazardousPath && !denied.isAllowed, "\(target)")
      #expect(denied.policy == RequestVerdict.none)
      #expect(try verdict([.test(.allow, [all])], target).isAllowed)
    }
    #expect(try verdict([byPath], "/a?b=%2f;").isAllowed)
    #expect(AuthorizationTable([byPath], for: .unlabelled).usesPaths)
    let audit = AuthorizationPolicy.test(.audit, byPath.rules)
    #expect(!AuthorizationTable([audit, .test(.allow, byPath.rules, isDryRun: true)], for: .unlabelled).usesPaths)
  }

  @Test("judges the normalised path")
  func normalised() throws {
    let deny = AuthorizationPolicy.test(.deny, [.to { $0.paths = [.prefix("/admin")] }])
    for target in ["/admin", "//admin", "/x/../admin", "/%61dmin", "/./admin/", "/x/%2e%2e/admin"] {
      #expect(try !verdict([deny], target).isAllowed, "\(target)")
    }
    #expect(try verdict([deny], "/x/admin").isAllowed)
    #expect(try verdict([deny], "/?x=/admin").isAllowed)
  }

  @Test("only notes AUDIT policies, the first that matches")
  func audits() throws {
    let found = try verdict([.test(.audit, [never]), .test(.audit, [all]), .test(.audit, [all]), .test(.allow, [])])
    #expect(!found.isAllowed && found.policy == 3 && found.auditPolicy == 1)
    #expect(try verdict([.test(.audit, [never])]).auditPolicy == RequestVerdict.none)
  }

  @Test("knows whether it asks about tokens")
  func tokens() {
    let rules: [AuthorizationPolicy.Rule] = [
      .from { $0.requestPrincipals = [.present] }, .from { $0.notRequestPrincipals = [.present] },
      .when(.claim(["a"]), ["x"]), .when(.requestAudiences, ["x"]), .when(.requestPresenter, ["x"]),
      .when(.requestPrincipal, ["x"]),
    ]
    for rule in rules { #expect(AuthorizationTable([.test(.deny, [rule])], for: .unlabelled).usesTokens) }
    #expect(!AuthorizationTable([.test(.deny, [.when(.header("a"), ["x"])])], for: .unlabelled).usesTokens)
  }

  @Test("never allows and always denies by a condition whose values cannot be read")
  func unjudgeable() throws {
    let keys: [AuthorizationPolicy.Key] = [.sourceIP, .remoteIP, .destinationIP, .destinationPort]
    for key in keys {
      for value in ["nonsense", "*", "10.0.0.0/8*", "*8080", "+8080", ""] {
        for rule in [AuthorizationPolicy.Rule.when(key, [value]), .when(key, not: [value])] {
          #expect(try !verdict([.test(.allow, [rule])]).isAllowed)
          let denied = try verdict([.test(.deny, [rule])])
          #expect(denied == RequestVerdict(isAllowed: false, reason: .matchFailed, policy: 0, rule: 0))
        }
      }
    }
  }

  @Test("describes every reason in one sentence")
  func sentences() {
    let table = AuthorizationTable([.test(.allow, [all])], for: .unlabelled)
    for reason in RequestVerdict.Reason.allCases {
      let told = table.describe(RequestVerdict(isAllowed: false, reason: reason, policy: 0, rule: 3))
      #expect(!told.reason.isEmpty && !told.reason.hasSuffix("."))
      let hasRule = [.allowMatches, .denyMatches, .matchFailed].contains(reason)
      #expect(told.rule == (hasRule ? "rules[3]" : ""))
    }
    #expect(table.policyName(0) == "default/p" && table.policyName(1).isEmpty)
    #expect(table.policyName(RequestVerdict.none).isEmpty)
  }

  @Test("makes verdicts of 16 bytes at most")
  func size() { #expect(MemoryLayout<RequestVerdict>.size <= 16) }
}

@Suite("A dry-run policy")
struct AuthorizationDryRunTests {
  private let all = AuthorizationPolicy.Rule()
  private let never = AuthorizationPolicy.Rule.to { $0.methods = [.exact("NEVER")] }

  private func tried(
    _ policies: [AuthorizationPolicy],
    _ target: String = "/"
  ) throws -> (isAllowed: Bool, policy: UInt16) {
    let verdict = try Ask(target: target).verdict(policies)
    return (verdict.isAllowed, verdict.dryRunPolicy)
  }

  @Test("decides nothing, and is noted where it would have denied")
  func denies() throws {
    #expect(try tried([.test(.deny, [all], isDryRun: true)]) == (true, 0))
    #expect(try tried([.test(.deny, [never], isDryRun: true)]) == (true, RequestVerdict.none))
    #expect(try tried([.test(.allow, [all]), .test(.deny, [all], isDryRun: true)]) == (true, 1))
    #expect(try tried([.test(.deny, [all]), .test(.deny, [all], isDryRun: true)]) == (false, RequestVerdict.none))
  }

  @Test("is noted where it would have closed what no ALLOW policy restricts")
  func closes() throws {
    #expect(try tried([.test(.allow, [never], isDryRun: true)]) == (true, 0))
    #expect(try tried([.test(.allow, [], isDryRun: true)]) == (true, 0))
    #expect(try tried([.test(.allow, [all], isDryRun: true)]) == (true, RequestVerdict.none))
    let both = [AuthorizationPolicy.test(.allow, [all]), .test(.allow, [never], isDryRun: true)]
    #expect(try tried(both) == (true, RequestVerdict.none))
  }

  @Test("is noted where it would have allowed what is denied for want of an ALLOW policy")
  func allows() throws {
    let open = AuthorizationPolicy.test(.allow, [all], isDryRun: true)
    #expect(try tried([.test(.allow, []), open]) == (false, 1))
    #expect(try tried([.test(.deny, [all]), open]) == (false, RequestVerdict.none))
    #expect(try tried([.test(.allow, []), open, .test(.deny, [all], isDryRun: true)]) == (false, RequestVerdict.none))
  }

  @Test("is noted where it would have denied a path that programs read differently")
  func hazards() throws {
    let byPath = AuthorizationPolicy.test(.allow, [.to { $0.paths = [.prefix("/")] }], isDryRun: true)
    #expect(try tried([.test(.allow, [all]), byPath], "/a%2fb") == (true, 1))
    #expect(try tried([.test(.allow, [all]), byPath], "/a") == (true, RequestVerdict.none))
  }
}
