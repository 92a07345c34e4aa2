import Explanations
import MeshModel
import Policy
import Testing
import Tokens

@Suite("A review of a mesh")
struct MeshReviewTests {
  private func review(_ mesh: MeshConfiguration) throws -> MeshReview {
    let workload = try Workload(namespace: "shop", labels: ["app": "web"])
    return MeshReview(
      RequestTable(mesh, for: workload),
      tokens: TokenVerifier(mesh.authentications, for: workload)
    )
  }

  private func mesh(_ rules: [HTTPRoute.Rule], in namespace: String = "shop", parent: String = "web")
    -> MeshConfiguration
  {
    var empty = ShopMesh.service
    empty.name = "empty"
    empty.ports[0].endpoints = []
    var asleep = empty
    asleep.name = "asleep"
    asleep.ports[0].endpoints = [Endpoint(ShopMesh.asleep, isReady: false)]
    let route = HTTPRoute(
      namespace: namespace,
      name: "r",
      parents: [.init(namespace: "shop", service: parent)],
      rules: rules
    )
    return MeshConfiguration(services: [asleep, empty, ShopMesh.service], routes: [route])
  }

  private func to(_ service: String, weight: UInt32 = 1) -> HTTPRoute.Backend {
    HTTPRoute.Backend(namespace: "shop", service: service, port: 80, weight: weight)
  }

  @Test("finds nothing in a mesh where all is well")
  func well() throws {
    #expect(try review(mesh([.init(backends: [to("web"), to("nobody", weight: 0)])])).warnings.isEmpty)
  }

  @Test("warns of backends that are not there, or have nobody to answer")
  func backends() throws {
    let found = try review(
      mesh([.init(name: "a", backends: [to("nobody"), to("empty")]), .init(backends: [to("asleep")])])
    )
    #expect(
      found.warnings == [
        "route shop/r/a sends to shop/nobody:80, which is not there: they are answered 500",
        "route shop/r/a sends to shop/empty:80, which has no endpoint: they are answered 503",
        "route shop/r/rule1 sends to shop/asleep:80, which has no endpoint that is ready: they are answered 503",
      ]
    )
  }

  @Test("warns of a route for a service that is not there")
  func parents() throws {
    #expect(
      try review(mesh([.init()], parent: "gone")).warnings == [
        "route shop/r is for service shop/gone, which is not there"
      ]
    )
  }

  @Test("says nothing of routes that are for other namespaces' clients")
  func others() throws {
    #expect(try review(mesh([.init(backends: [to("nobody")])], in: "bank")).warnings.isEmpty)
  }

  @Test("notes policies that deny nothing")
  func notes() throws {
    var mesh = MeshConfiguration(authorizations: [ShopMesh.deny(path: "/a", isDryRun: true)])
    mesh.authorizations.append(AuthorizationPolicy(namespace: "shop", name: "watch", action: .audit, rules: [.init()]))
    mesh.authorizations.append(AuthorizationPolicy(namespace: "bank", name: "x", action: .audit, rules: [.init()]))
    let found = try review(mesh)
    #expect(
      found.notes == [
        "AuthorizationPolicy shop/no is only tried (dry-run): it denies nothing",
        "AuthorizationPolicy shop/watch only audits: it denies nothing",
      ]
    )
    #expect(found.warnings.isEmpty)
  }

  @Test("warns of keys that were left out")
  func keys() throws {
    let key = JSONWebKey(id: "k", .p256(x: [1], y: [2]))
    let rule = RequestAuthentication.Rule(issuer: "i", keys: [key])
    let mesh = MeshConfiguration(
      authentications: [RequestAuthentication(namespace: "shop", name: "t", rules: [rule])]
    )
    let found = try review(mesh)
    #expect(found.warnings.count == 1 && found.warnings[0].hasPrefix("RequestAuthentication shop/t, issuer i, key 0"))
  }

  @Test("tells ten sentences and counts the rest")
  func bounded() throws {
    let found = try review(mesh((0..<30).map { _ in .init(backends: [to("nobody")]) }))
    #expect(found.warnings.count == 10 && found.warnings[9] == "and 21 more like these")
  }
}
