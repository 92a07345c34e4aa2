import MeshModel
import Policy
import Testing

@Suite("A rule of an authorization policy")
struct AuthorizationMatchTests {
  /// A text pattern, a text, and whether they match.
  static let texts: [(String, String, Bool)] = [
    ("abc", "abc", true), ("abc", "abcd", false), ("abc", "ab", false), ("abc", "ABC", false),
    ("ab*", "ab", true), ("ab*", "abc", true), ("ab*", "a", false), ("ab*", "xab", false),
    ("*bc", "bc", true), ("*bc", "abc", true), ("*bc", "bcd", false), ("*bc", "c", false),
    ("*", "x", true),
  ]

  @Test("compares methods as texts, known ones and others", arguments: texts)
  func methods(_ pattern: String, _ text: String, _ expected: Bool) throws {
    let rule = AuthorizationPolicy.Rule.to { $0.methods = [TextMatch(pattern)] }
    let not = AuthorizationPolicy.Rule.to { $0.notMethods = [TextMatch(pattern)] }
    #expect(try Ask(method: text).matches(rule) == expected)
    #expect(try Ask(method: text).matches(not) == !expected)
  }

  @Test("knows the known methods by their names")
  func knownMethods() throws {
    for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"] {
      #expect(try Ask(method: method).matches(.to { $0.methods = [.exact(method)] }))
      #expect(try Ask(method: method).matches(.to { $0.methods = [.present] }))
      #expect(try !Ask(method: method).matches(.to { $0.methods = [.exact("get"), .exact("GETS"), .prefix("X")] }))
    }
    #expect(try Ask(method: "POST").matches(.to { $0.methods = [.prefix("P")] }))
    #expect(try Ask(method: "PUT").matches(.to { $0.methods = [.suffix("UT")] }))
  }

  @Test("compares paths without the query")
  func paths() throws {
    func matches(_ target: String, _ patterns: [String]) throws -> Bool {
      try Ask(target: target).matches(.to { $0.paths = patterns.map { TextMatch($0) } })
    }
    #expect(try matches("/a/b?c", ["/x", "/a/b"]))
    #expect(try matches("/a/b", ["/a/*"]) && matches("/a/", ["/a/*"]) && !matches("/a", ["/a/*"]))
    #expect(try matches("/a/b.json", ["*.json"]) && !matches("/a/b.json?", ["*.jso"]))
    #expect(try matches("/", ["*"]) && matches("http://web", ["/"]) && !matches("/A", ["/a"]))
  }

  @Test("compares hosts in any case, without port and final dot, and with the port where the pattern has one")
  func hosts() throws {
    let cases: [(String, String, Bool)] = [
      ("web.shop", "web.shop", true), ("web.shop", "WEB.Shop", true), ("Web.Shop", "web.shop", true),
      ("web.shop", "web.shop.", true), ("web.shop", "web.shop:8080", true), ("web.shop", "web.shopx", false),
      ("web.shop:80", "web.shop", true), ("web.shop:80", "web.shop:80", true), ("web.shop:80", "web.shop:080", true),
      ("web.shop:8080", "web.shop", false), ("web.shop:8080", "web.shop:8080", true),
      ("web.shop:8080", "web.shop.:8080", true), ("web.shop:*", "web.shop:1", true), ("web.shop:*", "web.shop", true),
      ("web.*", "web.mill:9", true), ("*.shop", "web.shop:9", true), ("*.shop", "shop", false),
      ("*:8080", "x:8080", true), ("*:8080", "x:80", false), ("*", "web", true),
      ("[fd00::1]", "[fd00::1]", true), ("[fd00::1]", "[FD00::1]:99", true), ("[fd00::1]:99", "[fd00::1]:99", true),
      ("[fd00::1]:99", "[fd00::1]", false), ("[fd00:*", "[fd00::1]:99", true), ("*::1]", "[fd00::1]:5", true),
    ]
    for (pattern, host, expected) in cases {
      let ask = Ask(fields: ["Host: \(host)"])
      #expect(try ask.matches(.to { $0.hosts = [TextMatch(pattern)] }) == expected, "\(pattern) \(host)")
      #expect(try ask.matches(.to { $0.notHosts = [TextMatch(pattern)] }) == !expected, "\(pattern) \(host)")
    }
  }

  @Test("finds no host where a request names none, and then only what it must not be holds")
  func noHost() throws {
    let ask = Ask(fields: ["Host:"])
    for pattern in ["*", "*:80", "web"] {
      #expect(try !ask.matches(.to { $0.hosts = [TextMatch(pattern)] }))
      #expect(try ask.matches(.to { $0.notHosts = [TextMatch(pattern)] }))
    }
  }

  @Test("compares the port that was dialled, not the one the host names")
  func ports() throws {
    let ask = Ask(fields: ["Host: web:9999"])
    #expect(try ask.matches(.to { $0.ports = [80, 8080] }) && !ask.matches(.to { $0.ports = [9999] }))
    #expect(try ask.matches(.to { $0.notPorts = [9999] }) && !ask.matches(.to { $0.notPorts = [80, 8080] }))
    #expect(try ask.matches(.when(.destinationPort, ["8080"])) && !ask.matches(.when(.destinationPort, not: ["8080"])))
  }

  @Test("finds addresses in blocks of both families, the connection's apart from the client's")
  func addresses() throws {
    let ten = try [prefix("192.0.2.0/24"), prefix("10.0.0.0/8"), prefix("2001:db8::/32")]
    let one = try [prefix("172.16.0.1/32")]
    var ask = Ask()
    ask.remote = one[0].network
    #expect(try ask.matches(.from { $0.ipBlocks = ten }) && !ask.matches(.from { $0.ipBlocks = one }))
    #expect(try ask.matches(.from { $0.remoteIPBlocks = one }) && !ask.matches(.from { $0.remoteIPBlocks = ten }))
    #expect(try ask.matches(.from { $0.notIPBlocks = one }) && !ask.matches(.from { $0.notIPBlocks = ten }))
    #expect(try ask.matches(.from { $0.notRemoteIPBlocks = ten }) && !ask.matches(.from { $0.notRemoteIPBlocks = one }))
    #expect(try ask.matches(.when(.sourceIP, ["10.1.2.3"])) && !ask.matches(.when(.sourceIP, ["10.1.2.4"])))
    #expect(try ask.matches(.when(.remoteIP, ["172.16.0.0/12"])) && !ask.matches(.when(.remoteIP, not: ["172.16.0.1"])))
    #expect(try ask.matches(.when(.destinationIP, ["10.9.9.9"])) && !ask.matches(.when(.destinationIP, ["10.1.2.3"])))
    ask.source = ten[2].network
    #expect(try ask.matches(.from { $0.ipBlocks = ten }) && !ask.matches(.from { $0.ipBlocks = [ten[0]] }))
    let everyIPv4 = try prefix("0.0.0.0/0")
    #expect(try !ask.matches(.from { $0.ipBlocks = [everyIPv4] }))
  }

  @Test("compares the peer's identity without its scheme, and finds none where the peer has shown none")
  func principals() throws {
    let id = "cluster.local/ns/shop/sa/web"
    let cases: [(String, Bool)] = [
      (id, true), ("spiffe://" + id, true), ("*", true), ("cluster.local/*", true), ("spiffe://cluster.local/*", true),
      ("*/sa/web", true), ("spiffe://*", true), ("cluster.local/ns/shop/sa/we", false), ("*/sa/db", false),
    ]
    for (pattern, expected) in cases {
      for peer in [id, "spiffe://" + id] {
        let ask = Ask(peer: peer)
        #expect(try ask.matches(.from { $0.principals = [TextMatch(pattern)] }) == expected, "\(pattern)")
        #expect(try ask.matches(.from { $0.notPrincipals = [TextMatch(pattern)] }) == !expected, "\(pattern)")
        #expect(try ask.matches(.when(.sourcePrincipal, [pattern])) == expected)
      }
      #expect(try !Ask().matches(.from { $0.principals = [TextMatch(pattern)] }))
      #expect(try Ask().matches(.from { $0.notPrincipals = [TextMatch(pattern)] }))
    }
  }

  @Test("compares namespaces and server names, and finds none where there is none")
  func names() throws {
    let ask = Ask(peerNamespace: "shop", serverName: "web.shop")
    #expect(try ask.matches(.from { $0.namespaces = [.exact("shop")] }))
    #expect(
      try ask.matches(.from { $0.namespaces = [.prefix("sh")] })
        && !ask.matches(.from { $0.namespaces = [.exact("s")] })
    )
    #expect(try !ask.matches(.from { $0.notNamespaces = [.exact("shop")] }))
    #expect(try ask.matches(.when(.sourceNamespace, ["shop"])) && ask.matches(.when(.serverName, ["*.shop"])))
    #expect(try !Ask().matches(.when(.serverName, ["*"])) && Ask().matches(.when(.serverName, not: ["*"])))
    #expect(try !Ask().matches(.from { $0.namespaces = [.present] }))
    #expect(try Ask().matches(.from { $0.notNamespaces = [.present] }))
  }

  @Test("wants every list of a source or an operation")
  func lists() throws {
    let ask = Ask(method: "POST", target: "/a")
    func matches(_ path: String, _ method: String) throws -> Bool {
      try ask.matches(
        .to {
          $0.paths = [.exact(path)]
          $0.methods = [.exact(method)]
        }
      )
    }
    #expect(try matches("/a", "POST") && !matches("/a", "GET") && !matches("/b", "POST"))
    #expect(
      try !ask.matches(
        .to {
          $0.paths = [.prefix("/")]
          $0.notPaths = [.exact("/a")]
        }
      )
    )
  }

  @Test("compares bytes, not what Unicode takes for the same")
  func bytes() throws {
    let composed = "caf\u{e9}"
    let decomposed = "cafe\u{301}"
    let ask = Ask(fields: ["Host: web", "x: \(composed)"])
    #expect(try ask.matches(.when(.header("x"), [composed])) && !ask.matches(.when(.header("x"), [decomposed])))
    let token = VerifiedToken(issuer: "i", subject: composed, claims: .object([.init("a", .text(composed))]))
    let signed = Ask(token: token)
    #expect(try signed.matches(.when(.claim(["a"]), [composed])) && !signed.matches(.when(.claim(["a"]), [decomposed])))
    #expect(try !signed.matches(.from { $0.requestPrincipals = [.exact("i/\(decomposed)")] }))
  }
}
