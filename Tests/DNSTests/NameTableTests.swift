import MeshModel
import Testing
import WeftTestKit

@testable import DNS

@Suite("The table of names")
struct NameTableTests {
  static func address(_ number: UInt32) -> IPAddress { IPAddress(v4: 0xf000_0100 + number) }

  static func service(_ number: Int, namespace: String = "shop", addresses: [UInt32]) -> Service {
    Service(namespace: namespace, name: "s\(number)", addresses: addresses.map(address))
  }

  @Test("after any changes is what a table made anew would be", arguments: 0..<20 as Range<UInt64>)
  func incremental(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var table = NameTable()
    var known: [String: Service] = [:]
    for _ in 0..<300 {
      let number = Int.random(in: 0..<12, using: &random)
      let namespace = ["shop", "data"].randomElement(using: &random) ?? ""
      let key = "s\(number).\(namespace)"
      if Int.random(in: 0..<3, using: &random) == 0 {
        table.remove("s\(number)", in: namespace)
        known[key] = nil
      } else {
        let service = Self.service(
          number,
          namespace: namespace,
          addresses: (0..<Int.random(in: 0..<3, using: &random)).map { _ in UInt32.random(in: 0..<8, using: &random) }
        )
        table.put(service)
        known[key] = service
      }
      #expect(table.count == known.count && table.leftOut == 0)
      for namespace in ["shop", "data"] {
        #expect(table.hasNamespace(namespace) == known.values.contains { $0.namespace == namespace })
      }
      for number in 0..<UInt32(8) {
        let holders = known.values.filter { $0.addresses.contains(Self.address(number)) }.map(\.fullName)
        let owner = table.owner(of: Self.address(number))?.fullName
        #expect(holders.isEmpty ? owner == nil : holders.contains(owner ?? ""))
      }
    }
    for service in known.values { #expect(table.service(service.name, in: service.namespace) == service) }
  }

  @Test("tells of each change by its serial, and of none where nothing changed")
  func serial() {
    var table = NameTable(serial: .max)
    table.put(Self.service(1, addresses: [1]))
    #expect(table.serial == 0)
    table.put(Self.service(1, addresses: [1]))
    table.remove("s2", in: "shop")
    #expect(table.serial == 0)
    table.remove("s1", in: "shop")
    #expect(table.serial == 1 && table.count == 0 && !table.hasNamespace("shop"))
  }

  @Test("gives an address to the first that has it, and to the other once that leaves")
  func rivals() {
    var table = NameTable(services: [Self.service(1, addresses: [1]), Self.service(2, addresses: [1])])
    #expect(table.owner(of: Self.address(1))?.name == "s1")
    table.put(Self.service(1, addresses: []))
    #expect(table.owner(of: Self.address(1))?.name == "s2")
    table.put(Self.service(1, addresses: [1]))
    table.remove("s2", in: "shop")
    #expect(table.owner(of: Self.address(1))?.name == "s1")
  }

  @Test("counts what has no name, until it leaves")
  func nameless() {
    var table = NameTable()
    table.put(Service(namespace: "shop", name: "web.v2"))
    table.put(Service(namespace: "shop", name: "web.v2"))
    #expect(table.count == 0 && table.leftOut == 1)
    table.remove("web.v2", in: "shop")
    #expect(table.leftOut == 0)
  }

  @Test("takes no more than a snapshot may have, and another where one leaves")
  func full() {
    var table = NameTable(services: (0..<NameTable.maxServices).map { Self.service($0, addresses: []) })
    table.put(Self.service(-1, namespace: "more", addresses: [1]))
    #expect(table.count == NameTable.maxServices && table.leftOut == 1 && table.owner(of: Self.address(1)) == nil)
    table.remove("s0", in: "shop")
    table.put(Service(namespace: "more", name: "last"))
    #expect(table.service("last", in: "more") != nil && table.count == NameTable.maxServices)
  }
}
