import MeshModel
import Policy
import Testing

@testable import Tokens

@Suite("What a rule gives the program")
struct ForwardedFieldsTests {
  private func forwarded(_ payloadHeader: String = "", _ claims: [(String, [String])]) throws -> String {
    var rule = RequestAuthentication.Rule.example()
    rule.payloadHeader = payloadHeader
    rule.claimHeaders = claims.map { RequestAuthentication.ClaimHeader(header: $0.0, claim: $0.1) }
    let token = try #require(TokenVerifier([rule]).token(Vectors.rich))
    return String(decoding: token.forwardedFields, as: UTF8.self)
  }

  @Test("is nothing, where it names nothing")
  func nothing() throws { #expect(try forwarded("", []).isEmpty) }

  @Test("is the payload as it came, and claims as plain values")
  func values() throws {
    let payload = String(Vectors.rich.split(separator: ".")[1])
    let text = try forwarded("x-payload", [("x-sub", ["sub"]), ("x-level", ["level"]), ("x-admin", ["admin"])])
    #expect(text == "x-payload: \(payload)\r\nx-sub: alice\r\nx-level: 7\r\nx-admin: true\r\n")
    #expect(
      try forwarded("", [("x-realm", ["realm", "name"]), ("x-none", ["realm", "none"])]) == "x-realm: north\r\n"
    )
  }

  @Test("is base64url of JSON for lists and objects")
  func structures() throws {
    let list = String(decoding: Base64URL.encode(Array(#"["dev","ops"]"#.utf8)), as: UTF8.self)
    #expect(try forwarded("", [("x-groups", ["groups"])]) == "x-groups: \(list)\r\n")
  }

  @Test("never holds a line break that a claim brought")
  func injection() throws {
    #expect(try forwarded("", [("x-note", ["note"]), ("x-sub", ["sub"])]) == "x-sub: alice\r\n")
  }

  @Test("has its names told, lower case and once, so that they can be dropped when they come from outside")
  func names() {
    var first = RequestAuthentication.Rule.example()
    first.payloadHeader = "X-Payload"
    first.claimHeaders = [.init(header: "x-sub", claim: ["sub"]), .init(header: "x-payload", claim: ["a"])]
    let verifier = TokenVerifier([first, .example()])
    #expect(verifier.outputFields.map { String(decoding: $0, as: UTF8.self) } == ["x-payload", "x-sub"])
  }
}
