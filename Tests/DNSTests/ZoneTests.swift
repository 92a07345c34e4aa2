import DNS
import MeshModel
import Testing

@Suite("The mesh's zone")
struct ZoneTests {
  static let table = NameTable(
    services: [
      service("shop", "web", ["240.1.2.3", "fd00::7"], [("http", 80, []), ("admin", 9_000, [])]),
      service("shop", "v4only", ["240.1.2.4"], [("", 80, [])]),
      service(
        "data",
        "db",
        [],
        [("sql", 5_432, ["10.0.0.1:5433", "10.0.0.2:5433", "[fd00::9]:5433", "10.0.0.3:5433 unready"])]
      ),
      service("data", "idle", [], [("sql", 5_432, ["10.0.0.3:5433 unready"])]),
    ],
    serverAddresses: [IPAddress(v4: 0x7f00_0001)].compactMap { $0 },
    serial: 42
  )

  static func service(
    _ namespace: String,
    _ name: String,
    _ addresses: [String],
    _ ports: [(String, UInt16, [String])]
  ) -> Service {
    Service(
      namespace: namespace,
      name: name,
      addresses: addresses.compactMap { IPAddress($0) },
      ports: ports.map { Service.Port(name: $0.0, port: $0.1, endpoints: $0.2.compactMap { Endpoint($0) }) }
    )
  }

  typealias Case = (String, RecordType, [String])
  private static let soa = "^ mesh 5 SOA ns.mesh hostmaster.mesh 42 7200 1800 86400 5"
  private static let hinfo = "5 HINFO \u{7}RFC8482\u{0}"
  private static let noData = ["NOERROR qr aa ra", soa]
  private static let missing = ["NXDOMAIN qr aa ra", soa]

  private func lines(_ name: String, _ type: RecordType, rotation: UInt64 = 0, zone: Zone? = Zone()) throws -> [String]
  {
    var server = NameServer(try #require(zone))
    let query = Message(MessageHeader(id: 7), questions: [Question(try #require(DomainName(name)), type)])
    switch server.receive(query.encode(), by: .tcp, from: Self.table, rotation: rotation) {
    case .reply(let reply), .refuse(let reply, _):
      let message = try Message(reply)
      #expect(message.header.id == 7 && message.questions.first?.name.bytes == query.questions.first?.name.bytes)
      return message.lines.filter { !$0.hasPrefix("?") }
    case .forward: return ["forward"]
    case .drop: return ["drop"]
    }
  }

  @Test(
    "answers for services that have virtual addresses",
    arguments: [
      ("web.shop.mesh", RecordType.a, ["NOERROR qr aa ra", "= web.shop.mesh 5 A 240.1.2.3"]),
      ("web.shop.mesh", .aaaa, ["NOERROR qr aa ra", "= web.shop.mesh 5 AAAA fd00::7"]),
      ("wEb.Shop.MESH", .a, ["NOERROR qr aa ra", "= wEb.Shop.MESH 5 A 240.1.2.3"]),
      ("v4only.shop.mesh", .aaaa, noData), ("web.shop.mesh", .txt, noData), ("web.shop.mesh", .cname, noData),
      ("web.shop.mesh", .any, ["NOERROR qr aa ra", "= web.shop.mesh \(hinfo)"]),
      (
        "_http._tcp.web.shop.mesh", .srv,
        [
          "NOERROR qr aa ra", "= _http._tcp.web.shop.mesh 5 SRV 0 0 80 web.shop.mesh",
          "+ web.shop.mesh 5 A 240.1.2.3", "+ web.shop.mesh 5 AAAA fd00::7",
        ]
      ),
      (
        "web.shop.mesh", .srv,
        [
          "NOERROR qr aa ra", "= web.shop.mesh 5 SRV 0 0 80 web.shop.mesh",
          "= web.shop.mesh 5 SRV 0 0 9000 web.shop.mesh", "+ web.shop.mesh 5 A 240.1.2.3",
          "+ web.shop.mesh 5 AAAA fd00::7",
        ]
      ),
      ("_http._tcp.web.shop.mesh", .a, noData), ("_tcp.web.shop.mesh", .srv, noData),
      ("_none._tcp.web.shop.mesh", .srv, missing), ("_http._udp.web.shop.mesh", .srv, missing),
      ("http._tcp.web.shop.mesh", .srv, missing), ("_tcp.v4only.shop.mesh", .srv, missing),
      ("__tcp.v4only.shop.mesh", .srv, missing), ("a.web.shop.mesh", .a, missing),
      ("10-0-0-1.web.shop.mesh", .a, missing), ("a.b.c.web.shop.mesh", .a, missing),
    ] as [Case]
  )
  func virtual(name: String, type: RecordType, expected: [String]) throws { #expect(try lines(name, type) == expected) }

  @Test(
    "answers with ready endpoints for services that have none",
    arguments: [
      (
        "db.data.mesh", RecordType.a,
        ["NOERROR qr aa ra", "= db.data.mesh 5 A 10.0.0.1", "= db.data.mesh 5 A 10.0.0.2"]
      ),
      ("db.data.mesh", .aaaa, ["NOERROR qr aa ra", "= db.data.mesh 5 AAAA fd00::9"]),
      (
        "_sql._tcp.db.data.mesh", .srv,
        [
          "NOERROR qr aa ra", "= _sql._tcp.db.data.mesh 5 SRV 0 0 5433 10-0-0-1.db.data.mesh",
          "= _sql._tcp.db.data.mesh 5 SRV 0 0 5433 10-0-0-2.db.data.mesh",
          "= _sql._tcp.db.data.mesh 5 SRV 0 0 5433 fd00-0-0-0-0-0-0-9.db.data.mesh",
          "+ 10-0-0-1.db.data.mesh 5 A 10.0.0.1", "+ 10-0-0-2.db.data.mesh 5 A 10.0.0.2",
          "+ fd00-0-0-0-0-0-0-9.db.data.mesh 5 AAAA fd00::9",
        ]
      ),
      ("10-0-0-2.db.data.mesh", .a, ["NOERROR qr aa ra", "= 10-0-0-2.db.data.mesh 5 A 10.0.0.2"]),
      (
        "FD00-0-0-0-0-0-0-9.db.data.mesh", .aaaa,
        ["NOERROR qr aa ra", "= FD00-0-0-0-0-0-0-9.db.data.mesh 5 AAAA fd00::9"]
      ),
      ("10-0-0-2.db.data.mesh", .aaaa, noData), ("10-0-0-3.db.data.mesh", .a, missing),
      ("10-0-0-02.db.data.mesh", .a, missing), ("10-0-0-9.db.data.mesh", .a, missing),
      ("idle.data.mesh", .a, noData), ("_sql._tcp.idle.data.mesh", .srv, noData),
    ] as [Case]
  )
  func headless(name: String, type: RecordType, expected: [String]) throws {
    #expect(try lines(name, type) == expected)
  }

  @Test("puts another endpoint first by chance")
  func rotates() throws {
    #expect(try lines("db.data.mesh", .a, rotation: 3)[1] == "= db.data.mesh 5 A 10.0.0.2")
    #expect(try lines("db.data.mesh", .a, rotation: 4)[1] == "= db.data.mesh 5 A 10.0.0.1")
  }

  @Test(
    "says at its top what it is, and tells a namespace from what is none",
    arguments: [
      ("mesh", RecordType.soa, ["NOERROR qr aa ra", "= mesh 60 SOA ns.mesh hostmaster.mesh 42 7200 1800 86400 5"]),
      ("mesh", .ns, ["NOERROR qr aa ra", "= mesh 60 NS ns.mesh", "+ ns.mesh 60 A 127.0.0.1"]),
      ("ns.mesh", .a, ["NOERROR qr aa ra", "= ns.mesh 60 A 127.0.0.1"]), ("ns.mesh", .aaaa, noData),
      ("mesh", .a, noData), ("shop.mesh", .a, noData), ("web.mesh", .a, missing), ("web.data.mesh", .a, missing),
      ("mesh", .axfr, ["REFUSED qr ra"]),
    ] as [Case]
  )
  func apex(name: String, type: RecordType, expected: [String]) throws { #expect(try lines(name, type) == expected) }

  private static let v4SOA = "^ 240.in-addr.arpa 5 SOA ns.mesh hostmaster.mesh 42 7200 1800 86400 5"
  private static let v6Name = "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa"
  @Test(
    "names virtual addresses, and no others",
    arguments: [
      ("3.2.1.240.in-addr.arpa", RecordType.ptr, ["NOERROR qr aa ra", "= 3.2.1.240.in-addr.arpa 5 PTR web.shop.mesh"]),
      (v6Name, .ptr, ["NOERROR qr aa ra", "= \(v6Name) 5 PTR web.shop.mesh"]),
      ("9.9.9.240.in-addr.arpa", .ptr, ["NXDOMAIN qr aa ra", v4SOA]),
      ("9.240.in-addr.arpa", .ptr, ["NOERROR qr aa ra", v4SOA]),
      ("3.2.1.240.in-addr.arpa", .a, ["NOERROR qr aa ra", v4SOA]), ("1.0.0.10.in-addr.arpa", .ptr, ["forward"]),
      ("03.2.1.240.in-addr.arpa", .ptr, ["forward"]), ("in-addr.arpa", .soa, ["forward"]),
      ("ip6.arpa", .soa, ["forward"]),
      ("1.3.2.1.240.in-addr.arpa", .ptr, ["forward"]),
    ] as [Case]
  )
  func reverse(name: String, type: RecordType, expected: [String]) throws { #expect(try lines(name, type) == expected) }

  @Test(
    "leaves other names to others",
    arguments: ["example.com", "mesh.example.com", "web", "webmesh", "web.shop.svc.cluster.local", "."]
  )
  func others(name: String) throws { #expect(try lines(name, .a) == ["forward"]) }

  @Test("answers by a cluster's names if it is told to, and only for what it knows")
  func clusterLocal() throws {
    let zone = Zone(answersClusterLocal: true)
    #expect(
      try lines("web.shop.svc.cluster.local", .a, zone: zone) == [
        "NOERROR qr aa ra", "= web.shop.svc.cluster.local 5 A 240.1.2.3",
      ]
    )
    for name in [
      "web.nope.svc.cluster.local", "nope.shop.svc.cluster.local", "shop.svc.cluster.local", "svc.cluster.local",
      "cluster.local",
    ] {
      #expect(try lines(name, .a, zone: zone) == ["forward"])
    }
  }

  @Test("bounds an answer of many endpoints")
  func many() throws {
    let endpoints = (1...200).map { "10.0.1.\($0):80" }
    let table = NameTable(services: [Self.service("data", "many", [], [("http", 80, endpoints)])])
    let zone = try #require(Zone())
    let question = Question(try #require(DomainName("many.data.mesh")), .a)
    guard case .records(let records, _) = zone.answer(question, from: table, rotation: 150) else {
      Issue.record("no records")
      return
    }
    #expect(records.count == DNSLimit.endpointRecords && Set(records).count == records.count)
  }
}
