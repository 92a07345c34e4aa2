import Explanations
import MeshModel
import Testing

@Suite("An explanation of a request that comes")
struct InboundJudgeTests {
  /// When `token` is valid.
  private static let noon: Int64 = 1_700_001_800
  /// ES256, of issuer https://id.example and subject alice; made with the openssl command line, as its key was.
  private static let token =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjLTEiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzd"
    + "WIiOiJhbGljZSIsImF1ZCI6InNob3AiLCJpYXQiOjE3MDAwMDAwMDAsIm5iZiI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAzN"
    + "jAwfQ.lRBYyMzi-5SAcWfJNquDrItIfkFk_Sl018JJJGvCrjtYWIjYyC5cQLHuvQBnP8Oy5iqOf91Q5TUu_llFFBfLnA"

  private func explain(
    _ url: String = "http://web/",
    _ headers: [ImaginedRequest.Header] = [],
    _ mesh: MeshConfiguration = MeshConfiguration(services: [ShopMesh.service]),
    _ policies: [NetworkPolicy] = [],
    from source: IPAddress = ShopMesh.stranger,
    as identity: String? = nil,
    to destination: SocketAddress = ShopMesh.endpoint,
    now_s: Int64 = noon
  ) throws -> InboundExplanation {
    let request = try ImaginedRequest(url: url, headers: headers)
    return try ShopMesh.judge(mesh, policies)
      .explain(
        inbound: request,
        from: source,
        as: identity.map { try SPIFFEID($0) },
        to: destination,
        now_s: now_s
      )
  }

  private func mesh(_ authorizations: [AuthorizationPolicy]) -> MeshConfiguration {
    MeshConfiguration(services: [ShopMesh.service], authorizations: authorizations)
  }

  private func tokens(forwards: Bool = false) throws -> MeshConfiguration {
    let x = try #require(Base64URL.decode("lgtggI4_qlPzxx1NI0n99i3zt3LjbBWt4e7aGSCGRWE".utf8))
    let y = try #require(Base64URL.decode("cP4_lm82EkcF_KrTiFmyt14hEyj30aWrpTYzYxeOYc4".utf8))
    let rule = RequestAuthentication.Rule(
      issuer: "https://id.example",
      keys: [JSONWebKey(id: "ec-1", .p256(x: x, y: y))],
      forwardsToken: forwards,
      claimHeaders: [.init(header: "x-sub", claim: ["sub"])]
    )
    var mesh = mesh([ShopMesh.allow(header: "x-sub", "alice")])
    mesh.authentications = [RequestAuthentication(namespace: "shop", name: "t", rules: [rule])]
    return mesh
  }

  @Test("is allowed where nobody minds, and says what it counts under")
  func allowed() throws {
    let found = try explain()
    #expect(found.outcome == .allowed && found.summary == "the program gets it")
    #expect(found.arrival.service == "shop/web:80" && found.arrival.rule.isEmpty)
    #expect(found.arrival.reason == "10.2.0.7:8080 is one of its endpoints, and no route is attached to it")
    #expect(found.token.outcome == .notAsked && found.connection.decision == .allow)
    let elsewhere = try explain(to: SocketAddress(ShopMesh.endpoint.ip, port: 9))
    #expect(elsewhere.arrival.service.isEmpty && elsewhere.outcome == .allowed)
  }

  @Test("says that the connection under it is refused, whatever the request")
  func connection() throws {
    let prefix = try #require(IPPrefix("10.2.0.0/16"))
    let block = try #require(IPBlock(prefix))
    let wall = ShopMesh.policy(.inbound, only: [block])
    let found = try explain("http://web/", [], MeshConfiguration(services: [ShopMesh.service]), [wall])
    #expect(found.outcome == .connectionDenied && found.connection.policy == "shop/wall")
    let inside = try explain(
      "http://web/",
      [],
      MeshConfiguration(services: [ShopMesh.service]),
      [wall],
      from: ShopMesh.asleep.ip,
      as: "spiffe://weft.local/ns/shop/sa/web"
    )
    #expect(inside.outcome == .allowed)
  }

  @Test(
    "says that who has a proxy must show an identity where the workload has one, and by which document others must too"
  )
  func unidentified() throws {
    #expect(try explain(from: ShopMesh.asleep.ip).outcome == .allowed, "it is registered, and could show none")
    var half = ShopMesh.service
    half.ports[0].endpoints[1].isMeshed = true
    let other = MeshConfiguration(services: [half])
    #expect(try explain("http://web/", [], other, from: ShopMesh.asleep.ip).outcome == .allowed, "nor could it here")
    var service = half
    service.ports[0].endpoints[0].isMeshed = true
    let meshed = MeshConfiguration(services: [service])
    let plain = try explain("http://web/", [], meshed, from: ShopMesh.asleep.ip)
    #expect(plain.outcome == .unidentified && plain.status == nil)
    #expect(plain.summary.hasPrefix("the connection is reset, so no request is asked on it: the peer has shown no"))
    #expect(plain.peer?.isMeshed == true && plain.peer?.documents == [])
    let id = "spiffe://weft.local/ns/a/sa/b"
    #expect(try explain("http://web/", [], meshed, from: ShopMesh.asleep.ip, as: id).outcome == .allowed)
    var mesh = MeshConfiguration(services: [ShopMesh.service])
    mesh.peerAuthentications = [PeerAuthentication(namespace: "shop", name: "all", mode: .strict)]
    let strict = try explain("http://web/", [], mesh)
    #expect(strict.outcome == .unidentified && strict.peer?.verdict.policy == "shop/all")
    #expect(strict.peer?.documents.map(\.reason) == ["says STRICT for its namespace"])
  }

  @Test("judges the identity that the sender shows, with or without its scheme in the policy")
  func principals() throws {
    func policy(_ principals: [String] = [], not others: [String] = [], namespaces: [String] = [])
      -> AuthorizationPolicy
    {
      var source = AuthorizationPolicy.Source()
      source.principals = principals.map { TextMatch($0) }
      source.notPrincipals = others.map { TextMatch($0) }
      source.namespaces = namespaces.map { TextMatch($0) }
      return AuthorizationPolicy(namespace: "shop", name: "who", rules: [.init(from: [source])])
    }
    let id = "spiffe://weft.local/ns/front/sa/web"
    for principal in [String(id.dropFirst(9)), id, "weft.local/ns/front/*", "*/sa/web", "*"] {
      let mesh = mesh([policy([principal])])
      #expect(try explain("http://web/", [], mesh, as: id).outcome == .allowed, "\(principal)")
      #expect(try explain("http://web/", [], mesh).outcome == .denied, "\(principal)")
      let other = try explain("http://web/", [], self.mesh([policy(not: [principal])]), as: id)
      #expect(other.outcome == .denied, "\(principal)")
      #expect(try explain("http://web/", [], self.mesh([policy(not: [principal])])).outcome == .allowed)
    }
    #expect(try explain("http://web/", [], mesh([policy(["weft.local/ns/front/sa/we"])]), as: id).outcome == .denied)
    let namespaces = mesh([policy(namespaces: ["front"])])
    #expect(try explain("http://web/", [], namespaces, as: id).outcome == .allowed)
    #expect(try explain("http://web/", [], namespaces, as: "spiffe://weft.local/ns/back/sa/web").outcome == .denied)
    #expect(try explain("http://web/", [], namespaces, as: "spiffe://weft.local/weft/host/front").outcome == .denied)
  }

  @Test("judges the path as it is forwarded, and names its hazards")
  func path() throws {
    let mesh = mesh([ShopMesh.deny(path: "/admin")])
    let found = try explain("http://web//a/../admin", [], mesh)
    #expect(found.outcome == .denied && found.path.forwarded == "/admin")
    #expect(found.authorization?.verdict.policy == "shop/no")
    let odd = try explain("http://web/a%2fb;c", [], mesh)
    #expect(odd.outcome == .denied && odd.path.hazards == ["%2F", ";"])
    // Without a policy on paths it is not touched.
    #expect(try explain("http://web//a").path.forwarded == "//a")
  }

  @Test("denies nothing on account of a policy that is only tried")
  func dryRun() throws {
    let found = try explain("http://web/admin", [], mesh([ShopMesh.deny(path: "/admin", isDryRun: true)]))
    #expect(found.outcome == .allowed && found.authorization?.dryRunPolicy == "shop/no")
  }

  @Test("verifies a token and never repeats it")
  func token() throws {
    let bearer = ImaginedRequest.Header("authorization", "Bearer \(Self.token)")
    let found = try explain("http://web/", [bearer], tokens())
    #expect(found.token.outcome == .valid)
    #expect(found.token.reason == "its principal is https://id.example/alice; the program does not get it")
    #expect(
      found.token.rules == [
        "issuer https://id.example, any audience, 1 key, in authorization: Bearer or query parameter access_token"
      ]
    )
    let late = try explain("http://web/", [bearer], tokens(), now_s: Self.noon + 100_000)
    #expect(late.outcome == .unauthenticated && late.summary.contains("(token-expired)"))
    #expect(try explain("http://web/", [], tokens()).token.outcome == .absent)
  }

  @Test("believes no field that only a verified token may fill")
  func claimField() throws {
    let found = try explain("http://web/", [.init("X-Sub", "alice")], tokens())
    #expect(found.outcome == .denied)
  }

  @Test("takes x-forwarded-for for the client only from a declared forwarder, and tells why")
  func client() throws {
    let headers = [ImaginedRequest.Header("x-forwarded-for", "198.51.100.1, 203.0.113.9")]
    let stranger = try explain("http://web/", headers).client
    #expect(stranger.address == ShopMesh.stranger && stranger.reason.contains("no endpoint of the mesh"))
    let member = try explain("http://web/", headers, from: ShopMesh.asleep.ip).client
    #expect(member.address == ShopMesh.asleep.ip && member.reason.contains("goes on and is not believed"))
    var mesh = mesh([])
    mesh.services[0].forwardsClients = true
    let forwarder = try explain("http://web/", headers, mesh, from: ShopMesh.asleep.ip).client
    #expect(forwarder.address == IPAddress("203.0.113.9") && forwarder.reason.contains("believed of 10.2.0.8"))
    let nobody = [ImaginedRequest.Header("x-forwarded-for", "unknown")]
    let itself = try explain("http://web/", nobody, mesh, from: ShopMesh.asleep.ip).client
    #expect(itself.address == ShopMesh.asleep.ip && itself.reason.contains("does not end in another's address"))
  }

  @Test("says of an endpoint that is declared to speak HTTP that nothing else gets in")
  func declaredHTTP() throws {
    var mesh = mesh([])
    mesh.services[0].ports[0].appProtocol = .http
    let found = try explain("http://web/", [], mesh)
    #expect(found.arrival.reason.hasSuffix("; it is declared to speak HTTP, so nothing else gets in"))
  }

  @Test("is answered 508 after too many proxies")
  func loop() throws {
    let found = try explain("http://web/", [.init("x-weft-hops", "32")])
    #expect(found.outcome == .loop && found.status == 508)
  }

  @Test("names the limit that counts it")
  func limit() throws {
    var mesh = mesh([])
    mesh.traffic = [
      TrafficPolicy(
        namespace: "shop",
        name: "calm",
        targets: [.service("web")],
        fault: .init(delay_ms: 5),
        rateLimits: [.init(isPerClient: true, requests: 9, period_s: 60)]
      )
    ]
    let found = try explain("http://web/", [], mesh)
    #expect(found.arrival.limit == "shop/calm/limit0: 9 requests in 60 s for 192.0.2.1, 429 beyond")
    // Faults are made where requests leave.
    #expect(found.arrival.traffic == ["shop/calm: 9 requests in 60 s for each client"])
  }

  @Test("says what the proxy answers to a request that it refuses")
  func malformed() throws {
    let found = try explain("http://web/", [.init("content-length", "x")])
    #expect(found.outcome == .malformed && found.summary.hasPrefix("the proxy answers 400 without looking further: "))
    #expect(found.authorization == nil)
  }

  @Test("survives JSON")
  func json() throws {
    let found = try explain("http://web//a", [], mesh([ShopMesh.deny(path: "/admin")]))
    #expect(try AdminJSON.decode(InboundExplanation.self, from: AdminJSON.encode(found)) == found)
  }
}
