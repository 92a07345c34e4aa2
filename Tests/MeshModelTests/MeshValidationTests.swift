import MeshModel
import Testing

@Suite("A snapshot's mesh")
struct MeshValidationTests {
  /// What a snapshot says of a mesh that `edit` made.
  private func message(_ edit: (inout MeshConfiguration) -> Void) -> String {
    var mesh = MeshConfiguration.empty
    edit(&mesh)
    do {
      _ = try Snapshot(policies: [], mesh: mesh)
      return "accepted"
    } catch {
      return error.description
    }
  }

  private func service(_ name: String, _ ports: Service.Port...) -> Service {
    Service(namespace: "a", name: name, addresses: [IPAddress(v4: 0x0a00_0001)], ports: ports)
  }

  private func route(_ rule: HTTPRoute.Rule) -> HTTPRoute {
    HTTPRoute(namespace: "a", name: "r", parents: [.init(namespace: "a", service: "s")], rules: [rule])
  }

  private func authorization(_ rule: AuthorizationPolicy.Rule) -> AuthorizationPolicy {
    AuthorizationPolicy(namespace: "a", name: "p", rules: [rule])
  }

  private let backend = HTTPRoute.Backend(namespace: "a", service: "s", port: 1)

  @Test("is ordered, and each name of a kind is there once")
  func names() throws {
    let mesh = MeshConfiguration(services: [
      Service(namespace: "b", name: "a"), Service(namespace: "a", name: "b"), Service(namespace: "a", name: "a"),
    ])
    #expect(try Snapshot(policies: [], mesh: mesh).mesh.services.map(\.fullName) == ["a/a", "a/b", "b/a"])
    #expect(
      message { $0.sidecars = Array(repeating: .init(namespace: "a", name: "s", outboundMode: .allowAny), count: 2) }
        == "snapshot: mesh.sidecars: two are called a/s"
    )
    #expect(message { $0.services = [Service(namespace: "A", name: "a")] }.contains("\"A\" is not a DNS label"))
  }

  @Test("has services whose ports and addresses contradict nothing")
  func services() {
    #expect(
      message { $0.services = [service("s", .init(port: 0))] }.hasSuffix("ports[0].port: 0 is not from 1 to 65535")
    )
    #expect(
      message { $0.services = [service("s", .init(port: 1), .init(port: 1))] }.hasSuffix("ports[1]: 1 is given twice")
    )
    #expect(
      message { $0.services = [service("s", .init(port: 1)), service("t", .init(port: 1))] }
        == "snapshot: mesh.services[1].ports[0]: 10.0.0.1:1 is already an address of a/s"
    )
    #expect(message { $0.services = [service("s", .init(port: 1)), service("t", .init(port: 2))] } == "accepted")
    let endpoint = Endpoint(SocketAddress(IPAddress(v4: 1), port: 1), zone: "a b")
    #expect(message { $0.services = [service("s", .init(port: 1, endpoints: [endpoint]))] }.hasSuffix("is no endpoint"))
  }

  @Test("has bounds")
  func bounds() {
    let many = (0...SnapshotLimits.maxServices).map { Service(namespace: "a", name: "s\($0)") }
    #expect(message { $0.services = many } == "snapshot: mesh.services: 10001 entries are more than the 10000 allowed")
    let endpoint = Endpoint(SocketAddress(IPAddress(v4: 1), port: 1))
    func endpoints(_ count: Int) -> Service.Port {
      .init(port: 1, endpoints: Array(repeating: endpoint, count: count))
    }
    #expect(message { $0.services = [service("s", endpoints(1_001))] }.contains("1001 entries are more than the 1000"))
    let full = (0...100).map { Service(namespace: "a", name: "s\($0)", ports: [endpoints(1_000)]) }
    #expect(message { $0.services = full }.contains("101000 entries are more than the 100000 allowed"))
    #expect(message { $0.services = Array(full.dropLast()) } == "accepted")
    let matches = HTTPRoute.Rule(matches: Array(repeating: .init(), count: 65))
    #expect(message { $0.routes = [route(matches)] }.contains("65 entries are more than the 64 allowed"))
  }

  @Test(
    "has routes by Gateway API's rules",
    arguments: [
      (.init(matches: [.init(path: .exact("a"))]), "matches[0].path: \"a\" does not start with"),
      (.init(matches: [.init(method: "get")]), "\"get\" is no method"),
      (.init(matches: [.init(headers: [.init(name: "A", value: "b")])]), "\"A\" is not in lower case"),
      (.init(matches: [.init(path: .regex(""))]), "\"\" is empty"),
      (.init(filters: [.requestHeaders(.init(set: [.init("a", "b\r\nc")]))]), "holds a control character"),
      (.init(filters: [.requestHeaders(.init(remove: ["te"]))]), "frames messages"),
      (.init(filters: [.requestHeaders(.init()), .requestHeaders(.init())]), "there is another filter of its kind"),
      (
        .init(filters: [.redirect(.init()), .rewrite(hostname: "a", path: nil)]),
        "a redirect goes with neither a rewrite nor backends"
      ),
      (.init(filters: [.redirect(.init(status: 200))]), "200 is not 301"),
      (.init(filters: [.rewrite(hostname: nil, path: .replacePrefix("/"))]), "where exactly one match has one"),
      (.init(filters: [.rewrite(hostname: "A", path: nil)]), "is not a host name"),
      (.init(retry: .init(codes: [200])), "200 is not from 400 to 599"),
      (.init(retry: .init(attempts: 11)), "11 is not from 0 to 10"),
      (.init(requestTimeout_ms: 86_400_001), "is not from 0 to 86400000"),
      (
        .init(backends: [.init(namespace: "a", service: "s", port: 1, filters: [.redirect(.init())])]),
        "a backend's filters can only change header fields"
      ),
      (.init(backends: [.init(namespace: "a", service: "s", port: 1, weight: 1_000_001)]), "is not from 0 to 1000000"),
    ] as [(HTTPRoute.Rule, String)]
  )
  func routes(rule: HTTPRoute.Rule, expected: String) {
    let found = message { $0.routes = [route(rule)] }
    #expect(found.hasPrefix("snapshot: mesh.routes[0].rules[0]") && found.contains(expected), "\(found)")
  }

  @Test("has a redirect only where nothing is sent on")
  func redirect() {
    let rule = HTTPRoute.Rule(filters: [.redirect(.init())], backends: [backend])
    #expect(message { $0.routes = [route(rule)] }.contains("a redirect goes with neither"))
  }

  @Test("has authorization policies that mean what they say once read back")
  func authorizations() {
    var source = AuthorizationPolicy.Source()
    source.principals = [.exact("a*")]
    #expect(message { $0.authorizations = [authorization(.init(from: [source]))] }.contains("cannot be read back"))
    var operation = AuthorizationPolicy.Operation()
    operation.ports = [0]
    #expect(message { $0.authorizations = [authorization(.init(to: [operation]))] }.contains("0 is not from 1"))
    let conditions: [(AuthorizationPolicy.Condition, String)] = [
      (.init(.sourceIP), "has neither values nor notValues"),
      (.init(.sourceIP, values: [.prefix("10.")]), "neither an address nor a CIDR block"),
      (.init(.destinationPort, values: [.exact("http")]), "is not a port"),
      (.init(.header("A"), values: [.present]), "is not in lower case"),
      (.init(.claim([]), values: [.present]), "cannot be read back"),
    ]
    for (condition, expected) in conditions {
      let found = message { $0.authorizations = [authorization(.init(when: [condition]))] }
      #expect(found.contains(expected), "\(found)")
    }
  }

  @Test("has peer authentications whose ports and ends can be kept")
  func peers() {
    func message(_ ports: [PeerAuthentication.Port], _ namespace: String = "a", expires_s: Int64? = nil) -> String {
      let selector = LabelSelector(matchLabels: ["a": "b"])
      return self.message {
        $0.peerAuthentications = [
          .init(namespace: namespace, name: "p", selector: selector, ports: ports, expires_s: expires_s)
        ]
      }
    }
    #expect(message([.init(1, .strict), .init(2, nil)], expires_s: 253_402_300_799) == "accepted")
    #expect(message([.init(0, .strict)]).contains("0 is not from 1 to 65535"))
    #expect(message([.init(1, .strict), .init(1, nil)]).contains("1 is given twice"))
    #expect(message([], "istio-system").contains("selector: selects workloads of the root namespace"))
    #expect(message([], expires_s: -1).contains("expires_s: -1 is not from 0"))
    let whole = PeerAuthentication(namespace: "a", name: "p", ports: [.init(1, .strict)])
    #expect(self.message { $0.peerAuthentications = [whole] }.contains("there is none"))
  }

  @Test("has peer authentications that are read back as they were")
  func peersReadBack() throws {
    let documents = [
      PeerAuthentication(namespace: "a", name: "p"),
      PeerAuthentication(
        namespace: "a",
        name: "q",
        selector: LabelSelector(matchLabels: ["a": "b"]),
        mode: .disable,
        ports: [.init(1, .strict), .init(2, nil)],
        expires_s: 5,
        created_s: 3
      ),
    ]
    let snapshot = try Snapshot(policies: [], mesh: MeshConfiguration(peerAuthentications: documents))
    #expect(try Snapshot.decode(snapshot.encode()) == snapshot)
    #expect(snapshot.mesh.peerAuthentications == documents)
  }

  @Test("has issuers with keys that verify")
  func tokens() {
    func message(_ keys: [JSONWebKey], _ issuer: String = "i") -> String {
      self.message {
        $0.authentications = [.init(namespace: "a", name: "p", rules: [.init(issuer: issuer, keys: keys)])]
      }
    }
    let point = JSONWebKey(.p256(x: Array(repeating: 1, count: 32), y: Array(repeating: 1, count: 32)))
    #expect(message([point]) == "accepted")
    #expect(message([]).hasSuffix("keys: is empty"))
    #expect(message([point], "").contains("issuer"))
    #expect(message([JSONWebKey(.p256(x: [1], y: [1]))]).contains("not of 32 bytes"))
    let modulus = [UInt8](repeating: 255, count: 256)
    #expect(message([JSONWebKey(.rsa(modulus: modulus, exponent: [1, 0, 1]))]) == "accepted")
    #expect(message([JSONWebKey(.rsa(modulus: [0] + modulus.dropLast(), exponent: [3]))]).contains("fewer than 2048"))
    for exponent in [[], [1], [2], [UInt8](repeating: 1, count: 9)] as [[UInt8]] {
      #expect(message([JSONWebKey(.rsa(modulus: modulus, exponent: exponent))]).contains("has an exponent"))
    }
  }

  @Test("has faults and limits that can be kept")
  func traffic() {
    func message(_ policy: TrafficPolicy) -> String { self.message { $0.traffic = [policy] } }
    func policy(_ fault: TrafficPolicy.Fault) -> TrafficPolicy {
      TrafficPolicy(namespace: "a", name: "p", targets: [.service("s")], fault: fault)
    }
    #expect(message(policy(.init(delay_ms: 1, abortStatus: 503))) == "accepted")
    #expect(message(policy(.init(abortStatus: 99))).contains("99 is not from 200 to 599"))
    #expect(message(policy(.init(delayPartsPerMillion: 1_000_001))).contains("is not from 0 to 1000000"))
    func tls(_ tls: UpstreamTLS) -> String {
      message(TrafficPolicy(namespace: "a", name: "p", targets: [], portTLS: [.init(1, tls)]))
    }
    #expect(tls(.simple(.init(authorities: "/a", name: "b", alternativeNames: ["c", "::1"]))) == "accepted")
    #expect(tls(.simple(.init(authorities: "a"))).contains("portTLS[0].tls.authorities: \"a\" is not the path"))
    #expect(tls(.simple(.init(name: "A"))).contains("is not a host name"))
    #expect(tls(.simple(.init(alternativeNames: ["a b"]))).contains("is no DNS name"))
    #expect(tls(.mutual(.init(), .init(chain: "/a", key: "k"))).contains("tls.key: \"k\" is not the path"))
    let limit = TrafficPolicy.RateLimit(requests: 1, period_s: 2)
    #expect(
      message(TrafficPolicy(namespace: "a", name: "p", targets: [], rateLimits: [limit])).contains("2 is not a second")
    )
  }
}
