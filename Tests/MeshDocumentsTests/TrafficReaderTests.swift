import MeshDocuments
import MeshModel
import Testing

@Suite("BackendTrafficPolicy documents")
struct TrafficReaderTests {
  @Test(
    "are refused with the place and what would be right",
    arguments: [
      (
        "spec: {}",
        [
          #"p.yaml:4:7: spec: targetRefs is missing; wanted is targetRefs: [{group: "", kind: Service, name: ...}]"#
        ]
      ),
      (
        "spec: {targetRefs: [{kind: Service, name: web}]}",
        [
          #"p.yaml:4:21: spec.targetRefs[0]: group is missing; wanted is group: """#
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Gateway, name: web}]}"#,
        [
          #"p.yaml:4:39: spec.targetRefs[0].kind: "Gateway" is not supported; write Service, HTTPRoute or GRPCRoute"#
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: HTTPRoute, name: web}]}"#,
        [
          #"p.yaml:4:29: spec.targetRefs[0].group: "" is not the group of HTTPRoute; wanted is "gateway.networking.k8s.io""#
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web, sectionName: a}]}"#,
        [
          "p.yaml:4:59: spec.targetRefs[0].sectionName: is not supported: a policy is for a whole service or route"
        ]
      ),
      (
        #"spec: {targetRef: {group: "", kind: Service, name: web}, targetRefs: []}"#,
        [
          "p.yaml:4:70: spec.targetRefs: does not go with targetRef; leave one out"
        ]
      ),
      (
        "spec: {targetSelectors: []}",
        [
          "p.yaml:4:8: spec.targetSelectors: is not supported; write targetRefs"
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], retry: {}}"#,
        [
          "p.yaml:4:61: spec.retry: is not supported here; write retry in an HTTPRoute's rule"
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], timeout: {}}"#,
        [
          "p.yaml:4:61: spec.timeout: is not supported here; write timeouts in an HTTPRoute's rule"
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], circuitBreaker: {}}"#,
        [
          "p.yaml:4:61: spec.circuitBreaker: unknown field; known here: targetRef, targetRefs, faultInjection, rateLimit, loadBalancer"
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], faultInjection: {}}"#,
        [
          "p.yaml:4:77: spec.faultInjection: injects nothing; wanted is delay or abort"
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], faultInjection: {delay: {}}}"#,
        [
          "p.yaml:4:85: spec.faultInjection.delay: fixedDelay is missing; wanted is fixedDelay: 100ms"
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], faultInjection: {delay: {fixedDelay: 1, percentage: 1}}}"#,
        [
          "p.yaml:4:98: spec.faultInjection.delay.fixedDelay: 1 has no unit; wanted is a duration such as 10s, 1m30s or 500ms"
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], faultInjection: {delay: {fixedDelay: 1s, percentage: 101}}}"#,
        [
          #"p.yaml:4:114: spec.faultInjection.delay.percentage: "101" is not a percentage; these are 0 to 100"#
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], faultInjection: {abort: {grpcStatus: 1}}}"#,
        [
          "p.yaml:4:86: spec.faultInjection.abort.grpcStatus: is not supported; write httpStatus"
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], faultInjection: {abort: {httpStatus: 100}}}"#,
        [
          "p.yaml:4:98: spec.faultInjection.abort.httpStatus: 100 is not a status; wanted is 200 to 599"
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], faultInjection: {abort: {httpStatus: 503, percentage: '1'}}}"#,
        [
          #"p.yaml:4:115: spec.faultInjection.abort.percentage: is "1"; wanted is a number such as 5 or 0.5, without quotes"#
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], rateLimit: {type: Global, global: {}}}"#,
        [
          #"p.yaml:4:79: spec.rateLimit.type: "Global" is not supported: each proxy counts for itself; write Local"#,
          "p.yaml:4:87: spec.rateLimit.global: is not supported; write local",
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], rateLimit: {}}"#,
        [
          "p.yaml:4:72: spec.rateLimit: local is missing; wanted is local: {rules: [...]}"
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], rateLimit: {local: {rules: []}}}"#,
        [
          "p.yaml:4:88: spec.rateLimit.local.rules: is an empty list; give it an entry or leave it out"
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], rateLimit: {local: {rules: [{limit: {requests: 1}}]}}}"#,
        [
          "p.yaml:4:97: spec.rateLimit.local.rules[0].limit: unit is missing; wanted is unit: Second"
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], rateLimit: {local: {rules: [{limit: {requests: -1, unit: Second}}]}}}"#,
        [
          "p.yaml:4:108: spec.rateLimit.local.rules[0].limit.requests: -1 is not a number of requests; wanted is 0 to 4294967295"
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], rateLimit: {local: {rules: [{limit: {requests: 1, unit: Month}}]}}}"#,
        [
          #"p.yaml:4:117: spec.rateLimit.local.rules[0].limit.unit: "Month" is not supported; the longest is Day"#
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], rateLimit: {local: {rules: [{}]}}}"#,
        [
          "p.yaml:4:89: spec.rateLimit.local.rules[0]: limit is missing; wanted is limit: {requests: 10, unit: Second}"
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], rateLimit: {local: {rules: [{limit: {requests: 1, unit: Second}, cost: {}}]}}}"#,
        [
          "p.yaml:4:126: spec.rateLimit.local.rules[0].cost: is not supported: each request counts as one"
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], rateLimit: {local: {rules: [{limit: {requests: 1, unit: Second}, shared: true}]}}}"#,
        [
          "p.yaml:4:126: spec.rateLimit.local.rules[0].shared: is not supported: each target counts for itself"
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], rateLimit: {local: {rules: [{limit: {requests: 1, unit: Second}, clientSelectors: [{}]}]}}}"#,
        [
          "p.yaml:4:144: spec.rateLimit.local.rules[0].clientSelectors[0]: selects by nothing; wanted is headers or sourceCIDR"
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], rateLimit: {local: {rules: [{limit: {requests: 1, unit: Second}, clientSelectors: [{headers: null}]}]}}}"#,
        [
          "p.yaml:4:144: spec.rateLimit.local.rules[0].clientSelectors[0]: selects by nothing; wanted is headers or sourceCIDR"
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], rateLimit: {local: {rules: [{limit: {requests: 1, unit: Second}, clientSelectors: [{path: {}}]}]}}}"#,
        [
          "p.yaml:4:145: spec.rateLimit.local.rules[0].clientSelectors[0].path: is not supported; select by headers or sourceCIDR"
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], rateLimit: {local: {rules: [{limit: {requests: 1, unit: Second}, clientSelectors: [{headers: [{name: a, type: Distinct}]}]}]}}}"#,
        [
          "p.yaml:4:155: spec.rateLimit.local.rules[0].clientSelectors[0].headers[0]: value is missing; wanted is value: ...",
          #"p.yaml:4:171: spec.rateLimit.local.rules[0].clientSelectors[0].headers[0].type: "Distinct" is not supported for headers, whose values have no end; write sourceCIDR with Distinct"#,
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], rateLimit: {local: {rules: [{limit: {requests: 1, unit: Second}, clientSelectors: [{headers: [{name: a, value: b}]}, {headers: [{name: A, value: c}]}]}]}}}"#,
        [
          #"p.yaml:4:188: spec.rateLimit.local.rules[0].clientSelectors[1].headers: "a" is given twice; write one match for it"#
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], rateLimit: {local: {rules: [{limit: {requests: 1, unit: Second}, clientSelectors: [{headers: [{name: a, value: b, invert: true}]}]}]}}}"#,
        [
          "p.yaml:4:175: spec.rateLimit.local.rules[0].clientSelectors[0].headers[0].invert: is not supported"
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], rateLimit: {local: {rules: [{limit: {requests: 1, unit: Second}, clientSelectors: [{sourceCIDR: {value: 10.0.0.0/8}}, {sourceCIDR: {value: 11.0.0.0/8}}]}]}}}"#,
        [
          "p.yaml:4:192: spec.rateLimit.local.rules[0].clientSelectors[1].sourceCIDR: is the second of this rule; write a rule for it"
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], rateLimit: {local: {rules: [{limit: {requests: 1, unit: Second}, clientSelectors: [{sourceCIDR: {value: a}}]}]}}}"#,
        [
          #"p.yaml:4:165: spec.rateLimit.local.rules[0].clientSelectors[0].sourceCIDR.value: "a" is neither an address nor a CIDR block such as 10.0.0.0/8 or 2001:db8::/32"#
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], loadBalancer: {type: ConsistentHash, consistentHash: {}}}"#,
        [
          #"p.yaml:4:82: spec.loadBalancer.type: "ConsistentHash" is not supported yet; write LeastRequest, RoundRobin or Random"#,
          "p.yaml:4:98: spec.loadBalancer.consistentHash: is not supported",
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], loadBalancer: {type: LeastConn}}"#,
        [
          #"p.yaml:4:82: spec.loadBalancer.type: "LeastConn" is no way to choose; known here: LeastRequest, RoundRobin, Random"#
        ]
      ),
      (
        #"spec: {targetRefs: [{group: "", kind: Service, name: web}], loadBalancer: {}}"#,
        [
          "p.yaml:4:75: spec.loadBalancer: type is missing; wanted is type: LeastRequest"
        ]
      ),
    ] as [(String, [String])]
  )
  func refusals(body: String, expected: [String]) {
    expectRefused("BackendTrafficPolicy", body, for: expected)
  }

  private func only(_ spec: String) throws -> TrafficPolicy {
    let reading = read(
      document("BackendTrafficPolicy", "spec: {targetRef: {group: '', kind: Service, name: web}, \(spec)}")
    )
    #expect(reading.errors.isEmpty, "\(reading.issues)")
    return try #require(reading.snapshot?.mesh.traffic.first)
  }

  @Test("inject faults into all requests, or a percentage down to one in a million")
  func faults() throws {
    #expect(try only("").targets == [.service("web")])
    #expect(try only("faultInjection: {abort: {httpStatus: 418}}").fault == .init(abortStatus: 418))
    #expect(
      try only("faultInjection: {delay: {fixedDelay: 1s500ms, percentage: 0.0001}}").fault
        == .init(delay_ms: 1_500, delayPartsPerMillion: 1)
    )
  }

  @Test(
    "limit by the unit's seconds",
    arguments: [("Second", 1), ("Minute", 60), ("Hour", 3_600), ("Day", 86_400)] as [(String, UInt32)]
  )
  func units(unit: String, expected_s: UInt32) throws {
    let policy = try only("rateLimit: {local: {rules: [{limit: {requests: 5, unit: \(unit)}}]}}")
    #expect(policy.rateLimits == [.init(requests: 5, period_s: expected_s)])
  }

  @Test("join the selectors of one rule, since all must hold")
  func selectors() throws {
    let policy = try only(
      "rateLimit: {type: Local, local: {rules: [{clientSelectors: [{headers: [{name: A, value: b}]}, {headers: [{name: "
        + "C, value: d, type: RegularExpression}], sourceCIDR: {type: Distinct, value: 10.0.0.0/8}}], "
        + "limit: {requests: 1, unit: Second}}]}}"
    )
    #expect(
      policy.rateLimits == [
        .init(
          headers: [.init(name: "a", value: "b"), .init(name: "c", value: "d", isRegex: true)],
          source: IPPrefix("10.0.0.0/8"),
          isPerClient: true,
          requests: 1,
          period_s: 1
        )
      ]
    )
  }
}
