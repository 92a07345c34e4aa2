import HTTP1
import MeshModel
import Testing

@testable import Tokens

@Suite("A token locator")
struct TokenLocatorTests {
  /// What was found, as text: the token, and the field's index or the target that is left without it.
  private enum Found: Equatable {
    case none, several
    case field(String, Int)
    case parameter(String, rest: String)
  }

  private func find(
    _ rules: [RequestAuthentication.Rule] = [.example()],
    _ target: String = "/",
    _ fields: [String] = []
  ) throws -> Found {
    try withHead(target, fields) { head in
      switch TokenLocator(rules).find(in: head) {
      case .none: return .none
      case .several: return .several
      case .found(let found):
        let token = String(decoding: found.token, as: UTF8.self)
        switch found.place {
        case .field(let index): return .field(token, index)
        case .parameter(let cut):
          let whole = Array(head[head.targetRange])
          let start = Int(cut.start - head.targetRange.start)
          let rest = whole[..<start] + whole[(start + Int(cut.count))...]
          return .parameter(token, rest: String(decoding: rest, as: UTF8.self))
        }
      }
    }
  }

  @Test("looks at Authorization: Bearer where a rule names no place, whatever the scheme's case")
  func bearer() throws {
    #expect(try find([.example()], "/", ["Authorization: Bearer abc"]) == .field("abc", 1))
    #expect(try find([.example()], "/", ["X: y", "authorization: bEaReR   abc"]) == .field("abc", 2))
  }

  @Test(
    "takes no other scheme for a token",
    arguments: ["Basic abc", "Bearer", "Bearerabc", "Bearer\tabc", "abc", "Negotiate Bearer abc"]
  )
  func schemes(_ value: String) throws { #expect(try find([.example()], "/", ["Authorization: \(value)"]) == .none) }

  @Test("looks at the parameter access_token too, and tells the target without it")
  func parameters() throws {
    #expect(try find([.example()], "/p?access_token=abc") == .parameter("abc", rest: "/p"))
    #expect(try find([.example()], "/p?a=1&access_token=abc") == .parameter("abc", rest: "/p?a=1"))
    #expect(try find([.example()], "/p?access_token=abc&b=2") == .parameter("abc", rest: "/p?b=2"))
    #expect(try find([.example()], "/p?a=1&access_token=abc&b=2") == .parameter("abc", rest: "/p?a=1&b=2"))
    for target in ["/access_token=abc", "/?access_token", "/?access_token=", "/?xaccess_token=a", "/?access_tokens=a"] {
      #expect(try find([.example()], target) == .none)
    }
  }

  @Test("looks only where a rule says, if it says")
  func places() throws {
    let rule = RequestAuthentication.Rule.example(
      fromHeaders: [.init(name: "X-Token"), .init(name: "x-prefixed", prefix: "Token ")],
      fromParameters: ["jwt"]
    )
    #expect(try find([rule], "/?access_token=a", ["Authorization: Bearer a"]) == .none)
    #expect(try find([rule], "/", ["x-token: abc"]) == .field("abc", 1))
    #expect(try find([rule], "/", ["X-PREFIXED: Token abc"]) == .field("abc", 1))
    #expect(try find([rule], "/", ["x-prefixed: token abc"]) == .none)
    #expect(try find([rule], "/?jwt=abc") == .parameter("abc", rest: "/"))
  }

  @Test("tells that there are several, in whatever places, the same one twice too")
  func several() throws {
    #expect(try find([.example()], "/?access_token=b", ["Authorization: Bearer a"]) == .several)
    #expect(try find([.example()], "/?access_token=a&access_token=a") == .several)
    #expect(try find([.example()], "/", ["Authorization: Bearer a", "Authorization: Bearer a"]) == .several)
    #expect(try find([.example()], "/", ["Authorization: Basic a", "Authorization: Bearer a"]) == .field("a", 2))
    let rule = RequestAuthentication.Rule.example(fromHeaders: [.init(name: "x-token")])
    #expect(try find([.example(), rule], "/", ["Authorization: Bearer a", "x-token: b"]) == .several)
  }

  @Test("finds nothing without rules")
  func none() throws { #expect(try find([], "/?access_token=a", ["Authorization: Bearer a"]) == .none) }

  @Test("keeps each rule to its own places: a token found elsewhere is none of its")
  func ownPlaces() throws {
    let elsewhere = RequestAuthentication.Rule.example(fromHeaders: [.init(name: "x-token")])
    let other = RequestAuthentication.Rule(issuer: "https://other.example", keys: [])
    let verifier = TokenVerifier([elsewhere, other])
    try withHead("/", ["Authorization: Bearer \(Vectors.es256)"]) { head in
      guard case .found(let found) = verifier.locator.find(in: head),
        case .refused(let fault) = verifier.verify(found, now_s: noon)
      else {
        Issue.record("it should be found and refused")
        return
      }
      #expect(fault == .unknownIssuer)
    }
  }
}
