import HTTP1
import MeshModel
import Policy
import Testing

/// Who is believed about x-forwarded-for, and which of its entries.
@Suite("The client of a request")
struct ForwardedClientTests {
  private static let gateway = IPAddress(v4: 0x0a01_0001)
  private static let balancer = IPAddress(v4: 0x0a01_0002)
  private static let program = IPAddress(v4: 0x0a02_0001)

  private let probe: RequestProbe

  init() throws {
    func service(_ name: String, _ ip: IPAddress, isForwarder: Bool) -> Service {
      Service(
        namespace: "shop",
        name: name,
        ports: [.init(port: 80, endpoints: [Endpoint(SocketAddress(ip, port: 8080))])],
        forwardsClients: isForwarder
      )
    }
    let v6 = try #require(IPAddress("2001:db8::9"))
    probe = try RequestProbe(
      MeshConfiguration(services: [
        service("edge", Self.gateway, isForwarder: true), service("balancer", Self.balancer, isForwarder: true),
        // Of two services of one endpoint, one that forwards is enough.
        service("edge-admin", Self.gateway, isForwarder: false), service("web", Self.program, isForwarder: false),
        service("edge-v6", v6, isForwarder: true),
      ])
    )
  }

  private func client(from source: String, _ values: String...) throws -> String {
    let source = try #require(IPAddress(source))
    return try probe.parse("GET", "/", host: "web", values.map { .init("X-Forwarded-For", $0) }) {
      probe.table.client($0, from: source).description
    }
  }

  @Test("is whom a declared forwarder added, which is the last entry and never the first")
  func last() throws {
    #expect(try client(from: "10.1.0.1", "192.0.2.1") == "192.0.2.1")
    #expect(try client(from: "10.1.0.1", "203.0.113.66, 192.0.2.1") == "192.0.2.1")
    #expect(try client(from: "10.1.0.1", "203.0.113.66,\t192.0.2.1 \t,, ") == "192.0.2.1")
    #expect(try client(from: "10.1.0.1", "203.0.113.66", "198.51.100.1, 192.0.2.1") == "192.0.2.1")
    #expect(try client(from: "10.1.0.1", "192.0.2.1", ",") == "192.0.2.1")
    #expect(try client(from: "2001:db8::9", "203.0.113.66, 2001:DB8:0::7") == "2001:db8::7")
  }

  @Test("is where the connection comes from, where that is no declared forwarder")
  func unbelieved() throws {
    for source in ["10.2.0.1", "192.0.2.7", "2001:db8::8"] {
      #expect(try client(from: source, "203.0.113.66") == source)
      #expect(try client(from: source, "203.0.113.66, 10.1.0.1") == source)
    }
    #expect(try client(from: "10.1.0.1") == "10.1.0.1")
  }

  @Test(
    "is looked for behind the addresses of forwarders: the gateway's own, as its proxy asks it, and other gateways'"
  )
  func chain() throws {
    #expect(try client(from: "10.1.0.1", "203.0.113.66, 192.0.2.1, 10.1.0.1") == "192.0.2.1")
    #expect(try client(from: "10.1.0.1", "203.0.113.66, 192.0.2.1, 127.0.0.1") == "192.0.2.1")
    #expect(try client(from: "10.1.0.1", "203.0.113.66, 192.0.2.1, 10.1.0.2, 10.1.0.1") == "192.0.2.1")
    #expect(try client(from: "10.1.0.1", "203.0.113.66, 192.0.2.1", "10.1.0.2", "::1, 10.1.0.1") == "192.0.2.1")
    // A program of the mesh asks through the gateway: what it claims comes before its own address.
    #expect(try client(from: "10.1.0.1", "203.0.113.66, 10.2.0.1, 10.1.0.1") == "10.2.0.1")
  }

  @Test("is the forwarder itself where it asks for nobody, and the last one known where an entry is no address")
  func nobody() throws {
    #expect(try client(from: "10.1.0.1", "10.1.0.2, 10.1.0.1") == "10.1.0.2")
    #expect(try client(from: "10.1.0.1", "127.0.0.1") == "10.1.0.1")
    for entry in ["unknown", "192.0.2.1:5000", "[2001:db8::1]", "192.0.2.01", "_hidden", "\"192.0.2.1\""] {
      #expect(try client(from: "10.1.0.1", "203.0.113.66, \(entry)") == "10.1.0.1", "\(entry)")
      #expect(try client(from: "10.1.0.1", "203.0.113.66, \(entry), 10.1.0.2") == "10.1.0.2", "\(entry)")
    }
  }

  @Test("is not looked for without end")
  func bound() throws {
    let chain = String(repeating: ", 10.1.0.1", count: 31)
    #expect(try client(from: "10.1.0.1", "192.0.2.1" + chain) == "192.0.2.1")
    #expect(try client(from: "10.1.0.1", "192.0.2.1, 10.1.0.1" + chain) == "10.1.0.1")
  }

  @Test("is not taken from a field that does not go on")
  func dropped() {
    let bytes = Array("GET / HTTP/1.1\r\nHost: web\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n".utf8)
    let found = bytes.withUnsafeBytes {
      var head = RequestHead()
      guard case .whole = head.parse($0) else { return IPAddress?.none }
      head.fields.drop(FieldNameSet.foreign)
      return probe.table.client(head, from: Self.gateway)
    }
    #expect(found == Self.gateway)
  }
}
