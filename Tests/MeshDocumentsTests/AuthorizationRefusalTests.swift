import Testing

@Suite("AuthorizationPolicy documents that are wrong")
struct AuthorizationRefusalTests {
  @Test(
    "are refused with the place and what would be right",
    arguments: [
      (
        "spec: {action: CUSTOM}",
        [
          #"p.yaml:4:16: spec.action: "CUSTOM" is not supported: decisions are made here, not by another service"#
        ]
      ),
      (
        "spec: {action: Allow, rules: [{}]}",
        [
          #"p.yaml:4:16: spec.action: "Allow" is no action; did you mean "ALLOW"?"#
        ]
      ),
      (
        "spec: {provider: {name: a}}",
        [
          "p.yaml:4:8: spec.provider: is not supported: decisions are made here, not by another service"
        ]
      ),
      (
        "spec: {targetRefs: []}",
        [
          "p.yaml:4:8: spec.targetRefs: is not supported, since a proxy knows its workload by labels; write selector: {matchLabels: ...}"
        ]
      ),
      (
        "spec: {selector: {matchExpressions: []}}",
        [
          "p.yaml:4:19: spec.selector.matchExpressions: is not part of Istio's selector; write matchLabels"
        ]
      ),
      (
        "spec: {rule: []}",
        [
          #"p.yaml:4:8: spec.rule: unknown field; did you mean "rules"?"#
        ]
      ),
      (
        "spec: {rules: [{from: []}]}",
        [
          "p.yaml:4:23: spec.rules[0].from: is an empty list; give it an entry or leave it out"
        ]
      ),
      (
        "spec: {rules: [{from: [{}]}]}",
        [
          "p.yaml:4:24: spec.rules[0].from[0]: names no source; wanted is source: {...}"
        ]
      ),
      (
        "spec: {rules: [{from: [{source: {}}]}]}",
        [
          "p.yaml:4:33: spec.rules[0].from[0].source: is empty, which Istio refuses; leave it out or name something in it"
        ]
      ),
      (
        "spec: {rules: [{from: [{source: null}]}]}",
        [
          "p.yaml:4:24: spec.rules[0].from[0]: names no source; wanted is source: {...}"
        ]
      ),
      (
        "spec: {rules: [{from: [{source: {ipBlocks: null}}]}]}",
        [
          "p.yaml:4:33: spec.rules[0].from[0].source: is empty, which Istio refuses; leave it out or name something in it"
        ]
      ),
      (
        "spec: {rules: [{to: [{operation: {paths: null}}]}]}",
        [
          "p.yaml:4:34: spec.rules[0].to[0].operation: is empty, which Istio refuses; leave it out or name something in it"
        ]
      ),
      (
        "spec: {rules: [{to: [{}]}]}",
        [
          "p.yaml:4:22: spec.rules[0].to[0]: names no operation; wanted is operation: {...}"
        ]
      ),
      (
        "spec: {rules: [{to: [{operation: {}}]}]}",
        [
          "p.yaml:4:34: spec.rules[0].to[0].operation: is empty, which Istio refuses; leave it out or name something in it"
        ]
      ),
      (
        "spec: {rules: [{from: [{sources: {}}]}]}",
        [
          #"p.yaml:4:25: spec.rules[0].from[0].sources: unknown field; did you mean "source"?"#
        ]
      ),
      (
        "spec: {rules: [{from: [{source: {serviceAccounts: [a]}}]}]}",
        [
          "p.yaml:4:34: spec.rules[0].from[0].source.serviceAccounts: is not supported; write principals: [cluster.local/ns/NAMESPACE/sa/ACCOUNT]"
        ]
      ),
      (
        "spec: {rules: [{from: [{source: {ipBlocks: [a]}}]}]}",
        [
          #"p.yaml:4:45: spec.rules[0].from[0].source.ipBlocks[0]: "a" is neither an address nor a CIDR block such as 10.0.0.0/8 or 2001:db8::/32"#
        ]
      ),
      (
        "spec: {rules: [{from: [{source: {ipBlocks: []}}]}]}",
        [
          "p.yaml:4:44: spec.rules[0].from[0].source.ipBlocks: is an empty list; give it an entry or leave it out"
        ]
      ),
      (
        "spec: {rules: [{from: [{source: {requestPrincipals: ['*a*']}}]}]}",
        [
          #"p.yaml:4:54: spec.rules[0].from[0].source.requestPrincipals[0]: "*a*" has a * at both ends; Istio compares the text with one at either end, not both"#
        ]
      ),
      (
        "spec: {rules: [{from: [{source: {requestPrincipals: ['']}}]}]}",
        [
          #"p.yaml:4:54: spec.rules[0].from[0].source.requestPrincipals[0]: "" is empty"#
        ]
      ),
      (
        "spec: {rules: [{to: [{operation: {ports: [80]}}]}]}",
        [
          "p.yaml:4:43: spec.rules[0].to[0].operation.ports[0]: 80 is a number, not text; put it in quotes"
        ]
      ),
      (
        "spec: {rules: [{to: [{operation: {ports: ['0']}}]}]}",
        [
          #"p.yaml:4:43: spec.rules[0].to[0].operation.ports[0]: "0" is not a port; ports are "1" to "65535""#
        ]
      ),
      (
        "spec: {rules: [{to: [{operation: {ports: ['080']}}]}]}",
        [
          #"p.yaml:4:43: spec.rules[0].to[0].operation.ports[0]: "080" is not a port; ports are "1" to "65535""#
        ]
      ),
      (
        "spec: {rules: [{to: [{operation: {paths: ['/a/{*}']}}]}]}",
        [
          #"p.yaml:4:43: spec.rules[0].to[0].operation.paths[0]: "/a/{*}" is a path template, which is not supported; write paths with a * at one end"#
        ]
      ),
      (
        "spec: {rules: [{to: [{operation: {paths: ['/a/{**}']}}]}]}",
        [
          #"p.yaml:4:43: spec.rules[0].to[0].operation.paths[0]: "/a/{**}" is a path template, which is not supported; write paths with a * at one end"#
        ]
      ),
      (
        "spec: {rules: [{to: [{operation: {methods: []}}]}]}",
        [
          "p.yaml:4:44: spec.rules[0].to[0].operation.methods: is an empty list; give it an entry or leave it out"
        ]
      ),
      (
        "spec: {rules: [{to: [{operation: {host: [a]}}]}]}",
        [
          #"p.yaml:4:35: spec.rules[0].to[0].operation.host: unknown field; did you mean "hosts"?"#
        ]
      ),
      (
        "spec: {rules: [{when: [{key: source.ips, values: [a]}]}]}",
        [
          #"p.yaml:4:30: spec.rules[0].when[0].key: "source.ips" is no condition's key; did you mean "source.ip"?"#
        ]
      ),
      (
        "spec: {rules: [{when: [{values: [a]}]}]}",
        [
          "p.yaml:4:24: spec.rules[0].when[0]: key is missing; wanted is key: source.ip or the like"
        ]
      ),
      (
        "spec: {rules: [{when: [{key: source.ip}]}]}",
        [
          "p.yaml:4:24: spec.rules[0].when[0]: has neither values nor notValues; one of them is needed"
        ]
      ),
      (
        "spec: {rules: [{when: [{key: source.ip, values: []}]}]}",
        [
          "p.yaml:4:49: spec.rules[0].when[0].values: is an empty list; give it an entry or leave it out"
        ]
      ),
      (
        "spec: {rules: [{when: [{key: source.ip, values: [a]}]}]}",
        [
          #"p.yaml:4:50: spec.rules[0].when[0].values[0]: "a" is neither an address nor a CIDR block such as 10.0.0.0/8 or 2001:db8::/32"#
        ]
      ),
      (
        "spec: {rules: [{when: [{key: destination.port, values: ['http']}]}]}",
        [
          #"p.yaml:4:57: spec.rules[0].when[0].values[0]: "http" is not a port; ports are "1" to "65535""#
        ]
      ),
      (
        "spec: {rules: [{when: [{key: 'experimental.envoy.filters.a[b]', values: [a]}]}]}",
        [
          #"p.yaml:4:30: spec.rules[0].when[0].key: "experimental.envoy.filters.a[b]" is not supported: there are no filters of Envoy here that it could ask"#
        ]
      ),
      (
        "spec: {rules: [{when: [{key: 'request.headers[]', values: [a]}]}]}",
        [
          #"p.yaml:4:30: spec.rules[0].when[0].key: "request.headers[]" is no condition's key; did you mean "request.headers[NAME]"?"#
        ]
      ),
      (
        "spec: {rules: [{when: [{key: request.headers, values: [a]}]}]}",
        [
          #"p.yaml:4:30: spec.rules[0].when[0].key: "request.headers" is no condition's key; known here: source.ip, remote.ip, source.namespace, source.principal, request.auth.principal, request.auth.audiences, request.auth.presenter, destination.ip, destination.port, connection.sni, request.headers[NAME], request.auth.claims[NAME]"#
        ]
      ),
      (
        "spec: {rules: [{when: [{key: 'request.headers[a b]', values: [a]}]}]}",
        [
          #"p.yaml:4:30: spec.rules[0].when[0].key: "a b" is not a header field's name (a token of RFC 9110)"#
        ]
      ),
      (
        "spec: {rules: [{when: [{key: source.serviceAccount, values: [a]}]}]}",
        [
          #"p.yaml:4:30: spec.rules[0].when[0].key: "source.serviceAccount" is not supported; write source.principal"#
        ]
      ),
      (
        "spec: {rules: [{when: [{key: 'destination.labels[a]', values: [b]}]}]}",
        [
          #"p.yaml:4:30: spec.rules[0].when[0].key: "destination.labels[a]" is no condition's key; known here: source.ip, remote.ip, source.namespace, source.principal, request.auth.principal, request.auth.audiences, request.auth.presenter, destination.ip, destination.port, connection.sni, request.headers[NAME], request.auth.claims[NAME]"#
        ]
      ),
    ] as [(String, [String])]
  )
  func refusals(body: String, expected: [String]) {
    expectRefused("AuthorizationPolicy", body, for: expected)
  }
}
