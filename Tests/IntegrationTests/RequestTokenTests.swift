import MeshModel
import Testing
import WeftTestKit

/// RequestAuthentications at the proxy of the workload: JSON Web Tokens.
@Suite("A token")
struct RequestTokenTests {
  private let pods: TwoPods
  private let server: ScriptedServer
  private let issuer: TokenIssuer

  init() throws {
    pods = try TwoPods()
    server = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4) { .ok("to \($0.head.target)") }
    issuer = try TokenIssuer()
  }

  private func scene(
    _ settings: String = "",
    more: String = "",
    issuer other: TokenIssuer? = nil
  ) throws -> RequestScene {
    let issuer = other ?? issuer
    let rule =
      "issuer: \"\(TokenIssuer.name)\", jwks: '\(try issuer.keySet())'\(settings.isEmpty ? "" : ", \(settings)")"
    let document = """
      ---
      {apiVersion: security.istio.io/v1, kind: RequestAuthentication, metadata: {name: tokens},
       spec: {jwtRules: [{\(rule)}]}}

      """
    return try RequestScene.inbound(in: pods, Documents.web(server.address) + document + more)
  }

  private func bearer(_ token: String) -> [String] { ["Authorization: Bearer \(token)"] }

  @Test("that is not right is answered with 401, and the record says what was wrong")
  func refused() throws {
    let scene = try scene()
    let client = try scene.client(server.address)
    let good = try issuer.token()
    let wrong = [
      "expired": try issuer.token(validFor_s: -600), "stranger": try issuer.token(issuer: "https://other.test"),
      "forged": try TokenIssuer().token(), "changed": good.replacing(".ey", with: ".eyJ"), "nonsense": "nonsense",
      "cut": String(good.dropLast(10)),
    ]
    for (what, token) in wrong.sorted(by: { $0.key < $1.key }) {
      let answer = try client.get("/\(what)", bearer(token))
      #expect(answer.status == 401 && answer.reason == "unauthenticated", "\(what): \(answer)")
      #expect(answer.head["www-authenticate"]?.hasPrefix("Bearer") == true)
      let record = try scene.record(of: "/\(what)")
      #expect(record["EVENT"] == "request-denied" && record["DETAIL"] != nil, "\(record)")
    }
    #expect(server.requests.isEmpty)
  }

  @Test("that is right passes and is not passed on; one that was not asked for is not missed")
  func accepted() throws {
    let scene = try scene()
    let client = try scene.client(server.address)
    #expect(try client.get("/with", bearer(try issuer.token())).status == 200)
    #expect(try client.get("/without").status == 200)
    let token = try issuer.token()
    #expect(try client.get("/in-query?a=b&access_token=\(token)&c=d").status == 200)
    #expect(server.requests[0].head["Authorization"] == nil)
    #expect(server.requests[2].head.target.contains(token) == false, "\(server.requests[2].head)")
  }

  @Test("of ECDSA is accepted with the issuer's signature, and refused with any other")
  func es256() throws {
    let issuer = try TokenIssuer(.es256)
    let scene = try scene(issuer: issuer)
    let client = try scene.client(server.address)
    // Some signatures have leading zeros, which a program that joins the numbers may lose.
    for number in 0..<8 {
      let answer = try client.get("/good", bearer(try issuer.token("\"sub\": \"alice\", \"number\": \(number)")))
      #expect(answer.status == 200, "\(answer)")
    }
    let good = try issuer.token()
    let parts = good.split(separator: ".")
    let unsigned = "\(parts[0]).\(parts[1])"
    let wrong = [
      "forged": try TokenIssuer(.es256).token(),
      "expired": try issuer.token(validFor_s: -600),
      "other-claims": "\(parts[0]).\(try issuer.token("\"sub\": \"root\"").split(separator: ".")[1]).\(parts[2])",
      // Numbers that every message passes with where nobody looks at their range.
      "zeros": "\(unsigned).\(TokenIssuer.base64URL([UInt8](repeating: 0, count: 64)))",
      "no-signature": "\(unsigned).",
      // An RSA key under the name of this one.
      "other-algorithm": try self.issuer.token(),
    ]
    for (what, token) in wrong.sorted(by: { $0.key < $1.key }) {
      let answer = try client.get("/\(what)", bearer(token))
      #expect(answer.status == 401 && answer.reason == "unauthenticated", "\(what): \(answer)")
      #expect(try scene.record(of: "/\(what)")["DETAIL"] != nil)
    }
    #expect(server.requests.map(\.head.target) == Array(repeating: "/good", count: 8))
  }

  @Test("is passed on where the document says so")
  func forwarded() throws {
    let scene = try scene("forwardOriginalToken: true")
    let token = try issuer.token()
    #expect(try scene.client(server.address).get("/x", bearer(token)).status == 200)
    #expect(server.requests[0].head["Authorization"] == "Bearer \(token)")
  }

  @Test("has claims that policies ask for, and that a program is told; nobody else can say them")
  func claims() throws {
    let policy = Documents.authorization(
      "admins",
      "ALLOW",
      rules: "[{when: [{key: \"request.auth.claims[role]\", values: [admin]}]}]"
    )
    let scene = try scene("outputClaimToHeaders: [{header: X-Role, claim: role}]", more: policy)
    let client = try scene.client(server.address)
    let admin = try issuer.token("\"sub\": \"alice\", \"role\": \"admin\"")
    let guest = try issuer.token("\"sub\": \"bob\", \"role\": \"guest\"")
    #expect(try client.get("/admin", bearer(admin) + ["X-Role: emperor"]).status == 200)
    #expect(try client.get("/guest", bearer(guest)).status == 403)
    #expect(try client.get("/nobody", ["X-Role: admin"]).status == 403)
    #expect(server.requests.map { $0.head.values("x-role") } == [["admin"]])
  }

  @Test("names the principal that a policy may ask for")
  func principal() throws {
    let policy = Documents.authorization(
      "anyone",
      "ALLOW",
      rules: "[{from: [{source: {requestPrincipals: [\"\(TokenIssuer.name)/alice\"]}}]}]"
    )
    let scene = try scene(more: policy)
    let client = try scene.client(server.address)
    #expect(try client.get("/alice", bearer(try issuer.token())).status == 200)
    #expect(try client.get("/bob", bearer(try issuer.token("\"sub\": \"bob\""))).status == 403)
    #expect(try client.get("/nobody").status == 403)
  }
}
