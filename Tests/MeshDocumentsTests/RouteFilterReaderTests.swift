import MeshDocuments
import MeshModel
import Testing

@Suite("Filters of HTTPRoute documents")
struct RouteFilterReaderTests {
  @Test(
    "are refused with the place and what would be right",
    arguments: [
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{filters: [{type: CORS}]}]}"#,
        [
          #"p.yaml:4:87: spec.rules[0].filters[0].type: "CORS" is not supported; let the service answer preflight requests"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{filters: [{type: ExtensionRef, extensionRef: {}}]}]}"#,
        [
          #"p.yaml:4:87: spec.rules[0].filters[0].type: "ExtensionRef" is not supported: what it refers to is not read"#,
          "p.yaml:4:101: spec.rules[0].filters[0].extensionRef: is not supported: what it refers to is not read",
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{filters: [{type: ExternalAuth}]}]}"#,
        [
          #"p.yaml:4:87: spec.rules[0].filters[0].type: "ExternalAuth" is not supported; write an AuthorizationPolicy"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{filters: [{requestHeaderModifier: {}}]}]}"#,
        [
          "p.yaml:4:80: spec.rules[0].filters[0]: type is missing; wanted is type: RequestHeaderModifier or the like"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{filters: [{type: RequestHeaderModifier}]}]}"#,
        [
          "p.yaml:4:80: spec.rules[0].filters[0]: requestHeaderModifier is missing; wanted is requestHeaderModifier: {...}"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{filters: [{type: RequestHeaderModifier, urlRewrite: {hostname: a}}]}]}"#,
        [
          "p.yaml:4:80: spec.rules[0].filters[0]: requestHeaderModifier is missing; wanted is requestHeaderModifier: {...}",
          "p.yaml:4:122: spec.rules[0].filters[0].urlRewrite: does not go with type: RequestHeaderModifier; write a filter for it",
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: Host, value: a}]}}]}]}"#,
        [
          #"p.yaml:4:147: spec.rules[0].filters[0].requestHeaderModifier.set[0].name: "Host" is not for filters to change; write urlRewrite: {hostname: ...}"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{filters: [{type: ResponseHeaderModifier, responseHeaderModifier: {remove: [Transfer-Encoding]}}]}]}"#,
        [
          #"p.yaml:4:145: spec.rules[0].filters[0].responseHeaderModifier.remove[0]: "Transfer-Encoding" frames messages and is the proxy's own; it cannot be changed"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: b}, {name: A, value: c}]}}]}]}"#,
        [
          "p.yaml:4:139: spec.rules[0].filters[0].requestHeaderModifier.set: names a field twice"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{filters: [{type: RequestHeaderModifier, requestHeaderModifier: {}}, {type: RequestHeaderModifier, requestHeaderModifier: {}}]}]}"#,
        [
          "p.yaml:4:79: spec.rules[0].filters: has more than one RequestHeaderModifier; write them as one"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{filters: [{type: RequestRedirect, requestRedirect: {port: 1}}, {type: URLRewrite, urlRewrite: {hostname: a}}]}]}"#,
        [
          "p.yaml:4:79: spec.rules[0].filters: has both RequestRedirect and URLRewrite; a redirected request is not sent on"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{filters: [{type: RequestRedirect, requestRedirect: {}}], backendRefs: [{name: web, port: 80}]}]}"#,
        [
          "p.yaml:4:79: spec.rules[0].filters: has RequestRedirect beside backendRefs; a redirected request is not sent on"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{filters: [{type: RequestRedirect, requestRedirect: {statusCode: 200}}]}]}"#,
        [
          "p.yaml:4:134: spec.rules[0].filters[0].requestRedirect.statusCode: 200 is not a redirect; known here: 301, 302, 303, 307, 308"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{filters: [{type: RequestRedirect, requestRedirect: {scheme: ftp}}]}]}"#,
        [
          #"p.yaml:4:130: spec.rules[0].filters[0].requestRedirect.scheme: "ftp" is no scheme; known here: http, https"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{filters: [{type: RequestRedirect, requestRedirect: {hostname: '*.a'}}]}]}"#,
        [
          #"p.yaml:4:132: spec.rules[0].filters[0].requestRedirect.hostname: "*.a" cannot have a wildcard here"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{filters: [{type: URLRewrite, urlRewrite: {}}]}]}"#,
        [
          "p.yaml:4:111: spec.rules[0].filters[0].urlRewrite: changes nothing; wanted is hostname or path"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath, replacePrefixMatch: /a}}}]}]}"#,
        [
          "p.yaml:4:118: spec.rules[0].filters[0].urlRewrite.path: replaceFullPath is missing; wanted is replaceFullPath: /...",
          "p.yaml:4:162: spec.rules[0].filters[0].urlRewrite.path.replacePrefixMatch: does not go with type: ReplaceFullPath",
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath, replaceFullPath: 'a'}}}]}]}"#,
        [
          #"p.yaml:4:159: spec.rules[0].filters[0].urlRewrite.path.replaceFullPath: "a" does not start with "/""#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{matches: [{path: {type: Exact, value: /a}}], filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /b}}}]}]}"#,
        [
          "p.yaml:4:124: spec.rules[0].filters: has ReplacePrefixMatch, which needs exactly one match, with a path of type PathPrefix"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{filters: [{type: RequestMirror, requestMirror: {}}]}]}"#,
        [
          "p.yaml:4:117: spec.rules[0].filters[0].requestMirror: backendRef is missing; wanted is backendRef: {name: ..., port: 80}"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{filters: [{type: RequestMirror, requestMirror: {backendRef: {name: web}}}]}]}"#,
        [
          "p.yaml:4:130: spec.rules[0].filters[0].requestMirror.backendRef: port is missing; a service as a backend needs one"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{filters: [{type: RequestMirror, requestMirror: {backendRef: {name: web, port: 80}, percent: 101}}]}]}"#,
        [
          "p.yaml:4:162: spec.rules[0].filters[0].requestMirror.percent: 101 is not a percentage; wanted is 0 to 100"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{filters: [{type: RequestMirror, requestMirror: {backendRef: {name: web, port: 80}, percent: 1, fraction: {numerator: 1}}}]}]}"#,
        [
          "p.yaml:4:175: spec.rules[0].filters[0].requestMirror.fraction: does not go with percent; leave one out"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{filters: [{type: RequestMirror, requestMirror: {backendRef: {name: web, port: 80}, fraction: {numerator: 3, denominator: 2}}}]}]}"#,
        [
          "p.yaml:4:163: spec.rules[0].filters[0].requestMirror.fraction: 3/2 is more than all"
        ]
      ),
    ] as [(String, [String])]
  )
  func refusals(body: String, expected: [String]) {
    expectRefused("HTTPRoute", body, for: expected)
  }

  private func rule(_ rule: String) throws -> HTTPRoute.Rule {
    let text = document("HTTPRoute", "spec: {parentRefs: [{group: '', kind: Service, name: web}], rules: [{\(rule)}]}")
    let reading = read(text)
    #expect(reading.errors.isEmpty, "\(reading.issues)")
    return try #require(reading.snapshot?.mesh.routes.first?.rules.first)
  }

  @Test(
    "that replace a prefix get the match that Kubernetes fills in",
    arguments: ["", "matches: [{}],", "matches: [{path: {}}],"]
  )
  func prefix(matches: String) throws {
    let rule = try rule(
      "\(matches) filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: ''}}}]"
    )
    #expect(rule.matches == [.init(path: .prefix("/"))])
    #expect(rule.filters == [.rewrite(hostname: nil, path: .replacePrefix("/"))])
  }

  @Test(
    "mirror all, a percentage, or a fraction of requests",
    arguments: [
      ("", 1_000_000), (", percent: 5", 50_000), (", percent: 0", 0), (", fraction: {numerator: 1}", 10_000),
      (", fraction: {numerator: 1, denominator: 3}", 333_333),
      (", fraction: {numerator: 7, denominator: 7}", 1_000_000),
    ] as [(String, UInt32)]
  )
  func mirror(share: String, expected: UInt32) throws {
    let rule = try rule("filters: [{type: RequestMirror, requestMirror: {backendRef: {name: b, port: 1}\(share)}}]")
    #expect(rule.filters == [.mirror(.init(namespace: "default", service: "b", port: 1), partsPerMillion: expected)])
  }

  @Test("never carry a line break into a header field")
  func lineBreak() {
    let text = document(
      "HTTPRoute",
      #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{filters: [{type: RequestHeaderModifier, "#
        + #"requestHeaderModifier: {add: [{name: a, value: "b\r\nc: d"}]}}]}]}"#
    )
    #expect(read(text).errors.map(\.message) == ["\"b\r\nc: d\" holds a control character"])
  }
}
