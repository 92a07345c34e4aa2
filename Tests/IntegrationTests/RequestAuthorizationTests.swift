import MeshModel
import Testing
import WeftTestKit

/// AuthorizationPolicies at the proxy of the workload they protect, judged on exactly what its program gets.
@Suite("An AuthorizationPolicy")
struct RequestAuthorizationTests {
  private let pods: TwoPods
  private let server: ScriptedServer

  init() throws {
    pods = try TwoPods()
    server = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4) { .ok("to \($0.head.target)") }
  }

  private func scene(_ documents: String...) throws -> RequestScene {
    try RequestScene.inbound(in: pods, Documents.web(server.address) + documents.joined())
  }

  private static let deniesAdmin = Documents.authorization(
    "no-admin",
    "DENY",
    rules: "[{to: [{operation: {paths: [/admin, /admin/*]}}]}]"
  )

  @Test("that denies answers 403 without a word of itself; the record has its name and rule")
  func deny() throws {
    let scene = try scene(Self.deniesAdmin)
    let client = try scene.client(server.address)
    let answer = try client.get("/admin/users")
    #expect(answer.status == 403 && answer.reason == "denied", "\(answer)")
    #expect(!answer.description.contains("no-admin"))
    let record = try scene.record(of: "/admin/users")
    #expect(record["EVENT"] == "request-denied" && record["FLAGS"] == "UAEX" && record["VERDICT"] == "deny")
    #expect(record["POLICY"] == "default/no-admin", "\(record)")
    #expect(try client.get("/public").body == "to /public")
    #expect(server.requests.map(\.head.target) == ["/public"])
  }

  @Test("that allows some lets nobody else in")
  func allow() throws {
    let policy = Documents.authorization(
      "readers",
      "ALLOW",
      rules: "[{from: [{source: {ipBlocks: [\"\(pods.clientEnd.v4)\"]}}], to: [{operation: {methods: [GET, HEAD]}}]}]"
    )
    let scene = try scene(policy)
    let client = try scene.client(server.address)
    #expect(try client.get("/x").status == 200)
    #expect(try scene.record(of: "/x")["POLICY"] == "default/readers")
    #expect(try client.post("/y", body: "z").status == 403)
  }

  @Test("that asks for another source lets this one not in")
  func otherSource() throws {
    let policy = Documents.authorization(
      "others",
      "ALLOW",
      rules: "[{from: [{source: {ipBlocks: [192.0.2.0/24]}}]}]"
    )
    let scene = try scene(policy)
    // The header of a stranger makes him nobody else.
    let answer = try scene.client(server.address).get("/x", ["X-Forwarded-For: 192.0.2.1"])
    #expect(answer.status == 403, "\(answer)")
  }

  @Test("in dry-run only tells what it would have done")
  func dryRun() throws {
    let scene = try scene(Documents.authorization("trial", "DENY", rules: "[{}]", isDryRun: true))
    #expect(try scene.client(server.address).get("/x").status == 200)
    let record = try scene.record(of: "/x")
    #expect(record["DRY_RUN_POLICY"]?.contains("default/trial") == true, "\(record)")
  }

  @Test("that audits lets pass and is named")
  func audit() throws {
    let scene = try scene(
      Documents.authorization("look", "AUDIT", rules: "[{to: [{operation: {methods: [POST]}}]}]")
    )
    let client = try scene.client(server.address)
    #expect(try client.post("/audited", body: "x").status == 200)
    #expect(try scene.record(of: "/audited")["AUDIT_POLICY"]?.contains("default/look") == true)
    #expect(try client.get("/plain").status == 200)
    #expect(try scene.record(of: "/plain")["AUDIT_POLICY"] == nil)
  }

  @Test(
    "on paths is not got round by another spelling of the path",
    arguments: [
      "/admin", "/admin/", "//admin/x", "/./admin/x", "/public/../admin/x", "/%61dmin/x", "/public/%2e%2e/admin/x",
      "/public//..//admin/x", "/.//admin/x", "/admin/./x", "/public/.%2E/admin/x",
    ]
  )
  func spellings(_ path: String) throws {
    let scene = try scene(Self.deniesAdmin)
    let answer = try scene.client(server.address).get(path)
    #expect(answer.status == 403, "\(answer)")
    #expect(server.requests.isEmpty)
  }

  @Test(
    "on paths refuses what servers read in different ways",
    arguments: [
      "/public%2F..%2Fadmin", "/public%2f", "/public%5C..%5Cadmin", "/admin%00", "/public;/x", "/admin;x", "/a\\b",
      "/%zz",
    ]
  )
  func hazards(_ path: String) throws {
    let scene = try scene(Self.deniesAdmin)
    let answer = try scene.client(server.address).get(path)
    #expect((400..<500).contains(answer.status), "\(answer)")
    #expect(server.requests.isEmpty)
  }

  @Test("on paths judges the path that the program gets: the normalised one")
  func normalised() throws {
    let scene = try scene(Self.deniesAdmin)
    let client = try scene.client(server.address)
    #expect(try client.get("/a//b/./c/../d?x=//./y").body == "to /a/b/d?x=//./y")
  }

  @Test("that says nothing of paths leaves them as they came")
  func untouched() throws {
    let scene = try scene(Documents.authorization("x", "DENY", rules: "[{to: [{operation: {methods: [PUT]}}]}]"))
    #expect(try scene.client(server.address).get("/a//b;c/%2F?x").body == "to /a//b;c/%2F?x")
  }

  @Test("on a header looks at each of its values")
  func severalValues() throws {
    let scene = try scene(
      Documents.authorization("x", "DENY", rules: "[{when: [{key: \"request.headers[X-Tenant]\", values: [evil]}]}]")
    )
    let client = try scene.client(server.address)
    #expect(try client.get("/x", ["X-Tenant: good"]).status == 200)
    #expect(try client.get("/x", ["X-Tenant: evil"]).status == 403)
    #expect(try client.get("/x", ["X-Tenant: good", "X-Tenant: evil"]).status == 403)
    #expect(try client.get("/x", ["X-Tenant: evil", "x-tenant: good"]).status == 403)
  }

  @Test("that allows by a header is not satisfied by one good value among others")
  func severalValuesAllow() throws {
    let scene = try scene(
      Documents.authorization("x", "ALLOW", rules: "[{when: [{key: \"request.headers[X-Tenant]\", values: [good]}]}]")
    )
    let client = try scene.client(server.address)
    #expect(try client.get("/x", ["X-Tenant: good"]).status == 200)
    #expect(try client.get("/x").status == 403)
    #expect(try client.get("/x", ["X-Tenant: good", "X-Tenant: evil"]).status == 403)
  }

  @Test("on hosts sees them in one spelling", arguments: ["web.test", "WEB.test", "web.test.", "web.test:80"])
  func hosts(_ host: String) throws {
    let scene = try scene(Documents.authorization("x", "DENY", rules: "[{to: [{operation: {hosts: [web.test]}}]}]"))
    let client = try scene.client(server.address)
    #expect(try client.get("/x", host: host).status == 403)
    #expect(try client.get("/x", host: "other.test").status == 200)
  }

  @Test("on a port and method knows them exactly")
  func portAndMethod() throws {
    let port = server.address.port
    let scene = try scene(
      Documents.authorization("x", "DENY", rules: "[{to: [{operation: {ports: [\"\(port)\"], methods: [DELETE]}}]}]")
    )
    let client = try scene.client(server.address)
    #expect(try client.ask("DELETE /x HTTP/1.1\r\nHost: web\r\n\r\n").status == 403)
    #expect(try client.ask("delete /x HTTP/1.1\r\nHost: web\r\n\r\n").status == 200)
  }
}
