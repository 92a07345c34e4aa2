import MeshModel
import Policy
import Testing
import WeftTestKit

@Suite("A service port is found")
struct RequestNamesTests {
  private func mesh() throws -> MeshConfiguration {
    let headless = try #require(SocketAddress("10.0.0.7:8080"))
    let shared = try #require(SocketAddress("10.0.0.8:8080"))
    let asleep = try #require(SocketAddress("[2001:db8::9]:8080"))
    let v4 = try #require(IPAddress("10.96.0.1"))
    let v6 = try #require(IPAddress("2001:db8::1"))
    return MeshConfiguration(services: [
      Service(namespace: "bank", name: "web", ports: [.init(port: 80, endpoints: [Endpoint(shared)])]),
      Service(
        namespace: "shop",
        name: "web",
        addresses: [v4, v6],
        ports: [.init(name: "http", port: 80, endpoints: [Endpoint(shared)]), .init(name: "admin", port: 9000)]
      ),
      Service(
        namespace: "shop",
        name: "db-headless",
        ports: [.init(port: 8080, endpoints: [Endpoint(headless), Endpoint(asleep, isReady: false)])]
      ),
    ])
  }

  @Test(
    "by every form of its name, in any case, with or without a final dot",
    arguments: [
      ("web", "shop/web:80"), ("web.", "shop/web:80"), ("WEB", "shop/web:80"), ("web.shop", "shop/web:80"),
      ("web.shop.svc", "shop/web:80"), ("web.shop.svc.cluster.local", "shop/web:80"),
      ("Web.Shop.SVC.Cluster.Local.", "shop/web:80"), ("web.shop.mesh", "shop/web:80"), ("web.bank", "bank/web:80"),
      ("web.bank.mesh.", "bank/web:80"),
    ]
  )
  func names(_ host: String, _ expected: String) throws {
    #expect(try RequestProbe(mesh()).find(host) == expected)
  }

  @Test(
    "by nothing else",
    arguments: [
      "", ".", "..", "web..", ".web", "web..shop", "we", "webb", "web.shops", "web.shop.sv", "web.shop.svcs",
      "web.shop.meshes", "web.shop.svc.cluster", "web.shop.svc.cluster.locals",
      "x.web.shop.svc.cluster.local", "10.96.0.1", "[2001:db8::1]", "web:80", "example.com", "w\u{e9}b",
      String(repeating: "w", count: 64), String(repeating: "w", count: 300),
    ]
  )
  func notNames(_ host: String) throws {
    #expect(try RequestProbe(mesh()).find(host) == nil)
  }

  @Test("in the workload's own namespace where the name has none")
  func ownNamespace() throws {
    #expect(try RequestProbe(mesh(), in: "bank").find("web") == "bank/web:80")
    #expect(try RequestProbe(mesh(), in: "elsewhere").find("web") == nil)
  }

  @Test("only by a port that the service has")
  func ports() throws {
    let probe = try RequestProbe(mesh())
    #expect(probe.find("web", 9000) == "shop/web:9000")
    #expect(probe.find("web", 81) == nil)
    #expect(probe.find("web.bank", 9000) == nil)
  }

  @Test("by letters alone: of all bytes only the capital stands for a letter")
  func caseFolding() throws {
    let probe = try RequestProbe(mesh())
    for place in 0..<3 {
      for byte in UInt8.min...UInt8.max {
        var host = Array("web".utf8)
        let letter = host[place]
        host[place] = byte
        let found = host.withUnsafeBytes { probe.table.port(named: $0, 80) }
        #expect((found != nil) == (byte == letter || byte == letter - 0x20), "byte \(byte) at \(place)")
      }
    }
  }

  @Test("by a virtual address of either family and the port")
  func virtualAddresses() throws {
    let table = try RequestProbe(mesh()).table
    func find(_ text: String) throws -> String? {
      table.port(at: try #require(SocketAddress(text))).map { table.ports[$0].fullName }
    }
    #expect(try find("10.96.0.1:80") == "shop/web:80")
    #expect(try find("[2001:db8::1]:9000") == "shop/web:9000")
    #expect(try find("10.96.0.1:8080") == nil)
    // A headless service has no address of its own; its endpoints are no virtual addresses.
    #expect(try find("10.0.0.7:8080") == nil)
  }

  @Test("by the endpoint that serves it, its own namespace before others")
  func endpoints() throws {
    func find(_ text: String, in namespace: String) throws -> String? {
      let table = try RequestProbe(mesh(), in: namespace).table
      return table.port(servedAt: try #require(SocketAddress(text))).map { table.ports[$0].fullName }
    }
    #expect(try find("10.0.0.7:8080", in: "shop") == "shop/db-headless:8080")
    #expect(try find("10.0.0.8:8080", in: "shop") == "shop/web:80")
    #expect(try find("10.0.0.8:8080", in: "bank") == "bank/web:80")
    #expect(try find("10.0.0.8:8080", in: "elsewhere") == "bank/web:80")
    #expect(try find("10.0.0.8:80", in: "shop") == nil)
  }

  @Test("and its endpoints are known by address, ready or not; virtual addresses are not endpoints")
  func known() throws {
    let table = try RequestProbe(mesh()).table
    for (text, isKnown) in [("10.0.0.7", true), ("2001:db8::9", true), ("10.96.0.1", false), ("10.0.0.9", false)] {
      #expect(table.isKnownEndpoint(try #require(IPAddress(text))) == isKnown, "\(text)")
    }
  }

  @Test("among ten thousand, each by all its names")
  func many() throws {
    let services = (0..<10_000).map { index in
      Service(
        namespace: "ns\(index % 37)",
        name: "s\(index)",
        addresses: [IPAddress(v4: 0x0a60_0000 + UInt32(index))],
        ports: [.init(port: 80, endpoints: [Endpoint(.init(IPAddress(v4: 0x0a00_0000 + UInt32(index)), port: 8080))])]
      )
    }
    let probe = try RequestProbe(MeshConfiguration(services: services))
    let wrong = services.indices.filter { index in
      let expected = "ns\(index % 37)/s\(index):80"
      let name = "s\(index).ns\(index % 37)"
      let address = SocketAddress(IPAddress(v4: 0x0a60_0000 + UInt32(index)), port: 80)
      let endpoint = SocketAddress(IPAddress(v4: 0x0a00_0000 + UInt32(index)), port: 8080)
      return probe.find(name) != expected || probe.find(name + ".svc.cluster.local") != expected
        || probe.table.port(at: address) != index || probe.table.port(servedAt: endpoint) != index
        || probe.find("s\(index).ns\((index + 1) % 37)") != nil
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(5))")
  }

  @Test("as a naive reading finds it, for 20,000 seeded names at the end of readable memory")
  func hostile() throws {
    let names = ["w", "web", "web-1", "a-service", "a-service-with-a-name-of-many-bytes"]
    let spaces = ["shop", "b", "a-namespace-that-is-long"]
    let services = spaces.flatMap { space in names.map { Service(namespace: space, name: $0, ports: [.init(port: 80)]) }
    }
    let probe = try RequestProbe(MeshConfiguration(services: services))
    let endings = ["", ".svc", ".mesh", ".svc.cluster.local", ".svc.cluster", "."]
    var random = SplitMix64(seed: 41)
    let end = PageEnd()
    var found = 0
    for _ in 0..<20_000 {
      var host = Array((names.randomElement(using: &random) ?? "").utf8)
      if Bool.random(using: &random) { host += Array(".\(spaces.randomElement(using: &random) ?? "")".utf8) }
      host += Array((endings.randomElement(using: &random) ?? "").utf8)
      // One byte in two names is another one, which may be its own capital.
      if Bool.random(using: &random), let place = host.indices.randomElement(using: &random) {
        host[place] = Bool.random(using: &random) ? host[place] ^ 0x20 : UInt8.random(in: 0...255, using: &random)
      }
      let index = end.lend(host) { probe.table.port(named: $0, 80) }
      let expected = Self.naive(host, names, spaces)
      #expect(index.map { probe.table.ports[$0].fullName } == expected, "\(host)")
      found += index == nil ? 0 : 1
    }
    #expect((4_000...16_000).contains(found), "\(found)")
  }

  /// Every name there is, written out.
  private static func naive(_ host: [UInt8], _ names: [String], _ spaces: [String]) -> String? {
    var lower = host.map { (0x41...0x5a).contains($0) ? $0 + 0x20 : $0 }
    if lower.last == UInt8(ascii: ".") { lower.removeLast() }
    for name in names {
      if lower == Array(name.utf8) { return "shop/\(name):80" }
      for space in spaces {
        for ending in ["", ".svc", ".mesh", ".svc.cluster.local"] where lower == Array("\(name).\(space)\(ending)".utf8)
        {
          return "\(space)/\(name):80"
        }
      }
    }
    return nil
  }

  @Test("nowhere in an empty table")
  func empty() throws {
    let address = try #require(SocketAddress("10.0.0.1:80"))
    #expect(Array("web".utf8).withUnsafeBytes { RequestTable.empty.port(named: $0, 80) } == nil)
    #expect(RequestTable.empty.port(at: address) == nil && RequestTable.empty.port(servedAt: address) == nil)
    #expect(!RequestTable.empty.isKnownEndpoint(address.ip) && RequestTable.empty.outboundMode == .allowAny)
  }
}
