import HTTP1
import MeshModel
import Policy
import Testing

/// The table in CompiledRules+Fields, row by row.
@Suite("A condition on a field")
struct AuthorizationFieldTests {
  /// What came, and whether `values: [admin]` then `notValues: [admin]` hold, first for ALLOW and then for DENY.
  struct Row: CustomStringConvertible {
    let values: [String]
    let allow: (values: Bool, notValues: Bool)
    let deny: (values: Bool, notValues: Bool)

    var description: String { "\(values)" }
  }

  static let rows = [
    Row(values: [], allow: (false, true), deny: (false, true)),
    Row(values: ["admin"], allow: (true, false), deny: (true, false)),
    Row(values: ["user"], allow: (false, true), deny: (false, true)),
    Row(values: ["admin", "admin"], allow: (true, false), deny: (true, false)),
    Row(values: ["user", "admin"], allow: (false, false), deny: (true, true)),
    Row(values: ["admin", "user"], allow: (false, false), deny: (true, true)),
    Row(values: ["user", "guest"], allow: (false, true), deny: (false, true)),
    Row(values: ["user,admin"], allow: (false, true), deny: (false, true)),
    Row(values: ["admin", ""], allow: (false, false), deny: (true, true)),
  ]

  private func ask(_ values: [String]) -> Ask { Ask(fields: ["Host: web"] + values.map { "X-Role: \($0)" }) }

  @Test("allows by what is certain and denies by what is possible", arguments: rows)
  func polarity(_ row: Row) throws {
    let positive = AuthorizationPolicy.Rule.when(.header("x-role"), ["admin"])
    let negative = AuthorizationPolicy.Rule.when(.header("x-role"), not: ["admin"])
    #expect(try ask(row.values).matches(positive, .allow) == row.allow.values)
    #expect(try ask(row.values).matches(negative, .allow) == row.allow.notValues)
    #expect(try ask(row.values).matches(positive, .deny) == row.deny.values)
    #expect(try ask(row.values).matches(negative, .deny) == row.deny.notValues)
  }

  @Test("denies by values joined by commas, with a space or without, where a program may join them")
  func joined() throws {
    for pattern in ["a,b", "a, b", "a,*", "*, b", "*,b", "a, *"] {
      #expect(try ask(["a", "b"]).matches(.when(.header("x-role"), [pattern]), .deny), "\(pattern)")
      #expect(try !ask(["a", "b"]).matches(.when(.header("x-role"), not: [pattern]), .allow), "\(pattern)")
      #expect(try !ask(["a", "b"]).matches(.when(.header("x-role"), [pattern]), .allow), "\(pattern)")
    }
    for pattern in ["a,b,", "a;b", "b,a", "ab", "a,b,c", "a,  b"] {
      #expect(try !ask(["a", "b"]).matches(.when(.header("x-role"), [pattern]), .deny), "\(pattern)")
    }
    #expect(try ask(["a", "b", "c"]).matches(.when(.header("x-role"), ["*b, c"]), .deny))
    #expect(try !ask(["a,b"]).matches(.when(.header("x-role"), ["a, b"]), .deny))
  }

  @Test("finds a name in any case, and takes an empty value for present")
  func names() throws {
    #expect(try Ask(fields: ["Host: web", "x-ROLE: a"]).matches(.when(.header("X-Role"), ["a"])))
    #expect(try ask([""]).matches(.when(.header("x-role"), ["*"])))
    #expect(
      try !ask([]).matches(.when(.header("x-role"), ["*"])) && ask([]).matches(.when(.header("x-role"), not: ["*"]))
    )
    #expect(try !Ask(fields: ["Host: web", "x-rol: a", "x-roles: a"]).matches(.when(.header("x-role"), ["a"])))
  }

  @Test("takes any of several values")
  func several() throws {
    #expect(try ask(["b", "a"]).matches(.when(.header("x-role"), ["a", "b"])))
    #expect(try ask(["abc"]).matches(.when(.header("x-role"), ["x", "ab*"])))
    #expect(try !ask(["abc"]).matches(.when(.header("x-role"), ["*"], not: ["*c"])))
  }

  @Test("does not allow by a field that is dropped on the way, and still denies by it")
  func dropped() throws {
    let ask = Ask(fields: ["Host: web", "x-role: admin", "Connection: x-role"])
    let rule = AuthorizationPolicy.Rule.when(.header("x-role"), ["admin"])
    #expect(try !ask.matches(rule, .allow) && ask.matches(rule, .deny))
    let not = AuthorizationPolicy.Rule.when(.header("x-role"), not: ["admin"])
    #expect(try !ask.matches(not, .allow) && ask.matches(not, .deny))
  }

  @Test("judges the fields that the proxy writes anew, as Upgrade")
  func rewritten() throws {
    let ask = Ask(fields: ["Host: web", "Connection: upgrade", "Upgrade: websocket"])
    let rule = AuthorizationPolicy.Rule.when(.header("upgrade"), ["websocket"])
    #expect(try ask.matches(rule, .allow) && ask.matches(rule, .deny))
  }
}
