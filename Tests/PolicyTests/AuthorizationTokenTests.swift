import MeshModel
import Policy
import Testing

@Suite("A rule on tokens")
struct AuthorizationTokenTests {
  private let token = VerifiedToken(
    issuer: "https://id.example/realm",
    subject: "alice",
    audiences: ["shop", "bank"],
    presenter: "cli",
    claims: .object([
      .init("groups", .list([.text("dev"), .number("7"), .text("ops")])), .init("scope", .text("read write")),
      .init("permission", .text("a b")), .init("words", .text("read write")), .init("admin", .boolean(true)),
      .init("level", .number("7")), .init("none", .null),
      .init("realm", .object([.init("name", .text("north")), .init("scope", .text("x y"))])),
    ])
  )

  private func matches(_ rule: AuthorizationPolicy.Rule) throws -> Bool { try Ask(token: token).matches(rule) }

  @Test("matches nothing without a token, and then only what it must not be holds")
  func none() throws {
    let keys: [AuthorizationPolicy.Key] = [.requestPrincipal, .requestAudiences, .requestPresenter, .claim(["groups"])]
    for key in keys {
      #expect(try !Ask().matches(.when(key, ["*"])) && Ask().matches(.when(key, not: ["*"])))
      #expect(try matches(.when(key, ["*"])) && !matches(.when(key, not: ["*"])))
    }
    #expect(try !Ask().matches(.from { $0.requestPrincipals = [.present] }))
    #expect(try Ask().matches(.from { $0.notRequestPrincipals = [.present] }, .deny))
  }

  @Test("compares issuer and subject apart, parted at the pattern's last slash")
  func principals() throws {
    let cases: [(String, Bool)] = [
      ("https://id.example/realm/alice", true), ("*", true), ("https://id.example/realm/*", true),
      ("https://id.example/realm/al*", true), ("*/alice", true), ("*.example/realm/alice", true), ("*ice", true),
      ("https*", true), ("https://id.example/*", false), ("https://id.example/realm", false), ("*/bob", false),
      ("https://id.example/realm/bob", false), ("alice", false), ("*realm/ali", false),
    ]
    for (pattern, expected) in cases {
      #expect(try matches(.from { $0.requestPrincipals = [TextMatch(pattern)] }) == expected, "\(pattern)")
      #expect(try matches(.from { $0.notRequestPrincipals = [TextMatch(pattern)] }) == !expected, "\(pattern)")
      #expect(try matches(.when(.requestPrincipal, [pattern])) == expected, "\(pattern)")
    }
  }

  @Test("is not fooled by a subject that holds a slash")
  func slashes() throws {
    let fake = VerifiedToken(issuer: "https://id.example", subject: "realm/alice")
    #expect(try !Ask(token: fake).matches(.from { $0.requestPrincipals = [.exact("https://id.example/realm/alice")] }))
  }

  @Test("takes a token without subject for nobody's")
  func noSubject() throws {
    let token = VerifiedToken(issuer: "i")
    for pattern in ["*", "i*", "i", "i/", "*i"] {
      #expect(try !Ask(token: token).matches(.from { $0.requestPrincipals = [TextMatch(pattern)] }), "\(pattern)")
    }
  }

  @Test("takes any audience, and the one presenter")
  func audiences() throws {
    #expect(try matches(.when(.requestAudiences, ["x", "bank"])) && !matches(.when(.requestAudiences, ["ban"])))
    #expect(try !matches(.when(.requestAudiences, not: ["shop"])))
    #expect(try matches(.when(.requestPresenter, ["c*"])) && !matches(.when(.requestPresenter, ["web"])))
    #expect(try !Ask(token: VerifiedToken(issuer: "i", subject: "s")).matches(.when(.requestPresenter, ["*"])))
  }

  @Test("finds claims by their path, and a text in a list")
  func claims() throws {
    #expect(try matches(.when(.claim(["groups"]), ["ops"])) && !matches(.when(.claim(["groups"]), ["op"])))
    #expect(try matches(.when(.claim(["realm", "name"]), ["north"])) && !matches(.when(.claim(["name"]), ["*"])))
    #expect(try !matches(.when(.claim(["realm"]), ["*"])) && !matches(.when(.claim(["realm", "none"]), ["*"])))
    #expect(try matches(.when(.claim(["realm", "none"]), not: ["x"])))
  }

  @Test("compares only texts, as Istio does")
  func kinds() throws {
    for (claim, text) in [("admin", "true"), ("level", "7"), ("none", "null"), ("groups", "7")] {
      #expect(try !matches(.when(.claim([claim]), [text])))
    }
  }

  @Test("reads scope and permission as words parted by spaces, and nothing else so")
  func words() throws {
    for claim in ["scope", "permission"] {
      let (first, second, both) = claim == "scope" ? ("read", "write", "read write") : ("a", "b", "a b")
      #expect(try matches(.when(.claim([claim]), [first])) && matches(.when(.claim([claim]), [second])))
      #expect(try !matches(.when(.claim([claim]), [both])))
    }
    #expect(try matches(.when(.claim(["words"]), ["read write"])) && !matches(.when(.claim(["words"]), ["read"])))
    #expect(
      try matches(.when(.claim(["realm", "scope"]), ["x y"])) && !matches(.when(.claim(["realm", "scope"]), ["x"]))
    )
  }
}
