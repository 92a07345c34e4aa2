import Foundation
import MeshModel
import Registry
import Testing

@Suite("Virtual addresses")
struct VirtualAddressesTests {
  private func assign(
    _ namespace: String,
    _ name: String,
    in addresses: inout VirtualAddresses
  ) throws -> VirtualAssignment {
    let assignment = addresses.assign(namespace: namespace, name: name)
    return try #require(assignment)
  }

  @Test("depend on the service's name alone, and never change from one release to the next")
  func stable() throws {
    var one = VirtualAddresses(mesh: "cluster.local")
    var other = VirtualAddresses(mesh: "cluster.local")
    for index in 0..<500 { _ = other.assign(namespace: "n", name: "s\(index)") }
    let web = try assign("shop", "web", in: &one)
    #expect(try assign("shop", "web", in: &other) == web)
    #expect(web.addresses.map(\.description) == ["249.12.2.158", "fdbd:45f1:637a:0:417c:87e1:5883:6ecb"])
  }

  @Test("of meshes of different names differ in IPv6, and are unique local ones")
  func meshes() throws {
    let (one, other) = (VirtualAddresses(mesh: "a"), VirtualAddresses(mesh: "b"))
    #expect(one.v6Network != other.v6Network && one.v6Network.high >> 56 == 0xfd && one.v6Network.low == 0)
    #expect(one.v6Network.high & 0xffff == 0)
  }

  @Test("are each one service's, none a reserved one, to the last that there may be")
  func unique() throws {
    var addresses = VirtualAddresses(mesh: "m")
    var seen: Set<IPAddress> = []
    let reserved = try #require(VirtualAddresses.reservedBlock)
    let block = try #require(VirtualAddresses.v4Block)
    for index in 0..<VirtualAddresses.limit {
      let assignment = try assign("n\(index % 7)", "s\(index)", in: &addresses)
      #expect(block.contains(assignment.v4) && !reserved.contains(assignment.v4) && assignment.v4.v4 != .max)
      seen.formUnion(assignment.addresses)
    }
    #expect(seen.count == 2 * VirtualAddresses.limit)
    let more = addresses.assign(namespace: "n", name: "more")
    #expect(more == nil)
    #expect(try assign("n0", "s0", in: &addresses).name == "s0")
  }

  @Test("that are taken lead to the next free one, round the end of the block")
  func collision() throws {
    var first = VirtualAddresses(mesh: "m")
    let web = try assign("shop", "web", in: &first)
    var second = VirtualAddresses(mesh: "m")
    let thief = VirtualAssignment(namespace: "x", name: "y", v4: web.v4, v6: web.v6)
    #expect(second.restore([thief]).isEmpty)
    let moved = try assign("shop", "web", in: &second)
    #expect(moved.v4.v4 == web.v4.v4 + 1 && moved.v6.low == web.v6.low + 1)
  }

  @Test("of names that start at the same place are different all the same")
  func sameStart() throws {
    var (one, other) = (VirtualAddresses(mesh: "m"), VirtualAddresses(mesh: "m"))
    let first = try assign("n", "s877", in: &one)
    #expect(try assign("n", "s7377", in: &other).v4 == first.v4)
    #expect(try assign("n", "s7377", in: &one).v4.v4 == first.v4.v4 + 1)
    let thief = VirtualAssignment(
      namespace: "x",
      name: "y",
      v4: first.v4,
      v6: IPAddress(high: one.v6Network.high, low: 1_000)
    )
    #expect(one.restore([thief]) == [thief])
  }

  @Test("are kept over a restart, even those that came by a collision")
  func restart() throws {
    var before = VirtualAddresses(mesh: "m")
    for index in 0..<100 { _ = before.assign(namespace: "n", name: "s\(index)") }
    before.release(namespace: "n", name: "s3", now_ms: 5)
    let json = try JSONEncoder().encode(before.assignments)
    var after = VirtualAddresses(mesh: "m")
    let read = try JSONDecoder().decode([VirtualAssignment].self, from: json)
    #expect(after.restore(read).isEmpty && after.assignments == before.assignments)
    #expect(after.assignment(namespace: "n", name: "s3") == nil && after.assignment(namespace: "n", name: "s4") != nil)
  }

  @Test("that contradict each other or lie elsewhere are not restored")
  func contradictions() throws {
    var addresses = VirtualAddresses(mesh: "m")
    let high = addresses.v6Network.high
    func assignment(_ name: String, _ v4: UInt32, _ v6: IPAddress) -> VirtualAssignment {
      VirtualAssignment(namespace: "n", name: name, v4: IPAddress(v4: v4), v6: v6)
    }
    let good = assignment("a", 0xf100_0000, IPAddress(high: high, low: 1_000))
    let bad = [
      assignment("a", 0xf100_0001, IPAddress(high: high, low: 1_001)),
      assignment("b", 0xf100_0000, IPAddress(high: high, low: 1_002)),
      assignment("c", 0xf100_0003, IPAddress(high: high, low: 1_000)),
      assignment("d", 0xf000_00ff, IPAddress(high: high, low: 1_003)),
      assignment("e", .max, IPAddress(high: high, low: 1_004)),
      assignment("f", 0x0a00_0001, IPAddress(high: high, low: 1_005)),
      assignment("g", 0xf100_0004, IPAddress(high: high ^ 1, low: 1_006)),
      assignment("h", 0xf100_0005, IPAddress(high: high, low: 9)),
    ]
    #expect(addresses.restore([good] + bad) == bad)
    #expect(addresses.assignments == [good])
  }

  @Test("stay with a service that is gone for an hour, and are free for others then")
  func quarantine() throws {
    var addresses = VirtualAddresses(mesh: "m")
    let web = try assign("shop", "web", in: &addresses)
    let changes = [("web", 1_000), ("web", 9_000), ("other", 9_000)].map { name, now_ms in
      addresses.release(namespace: "shop", name: name, now_ms: now_ms)?.released_ms
    }
    #expect(changes == [1_000, nil, nil], "the second time it is gone already, and the third was never there")
    #expect(addresses.assignment(namespace: "shop", name: "web") == nil)
    var expired = addresses.expire(now_ms: 1_000 + VirtualAddresses.quarantine_ms - 1)
    #expect(expired.isEmpty)
    #expect(addresses.assignments.count == 1)
    #expect(try assign("shop", "web", in: &addresses) == web)
    expired = addresses.expire(now_ms: .max)
    #expect(expired.isEmpty, "it is there again")
    #expect(addresses.assignments == [web])
    let gone = addresses.release(namespace: "shop", name: "web", now_ms: 1_000)
    var restarted = VirtualAddresses(mesh: "m")
    #expect(restarted.restore(addresses.assignments).isEmpty)
    for step in 0..<2 {
      expired = step == 0 ? addresses.expire(now_ms: .max) : restarted.expire(now_ms: .max)
      #expect(expired == [gone].compactMap { $0 }, "with or without a restart in between")
    }
    #expect(addresses.assignments.isEmpty && restarted.assignments.isEmpty)
    let heir = VirtualAssignment(namespace: "x", name: "y", v4: web.v4, v6: web.v6)
    #expect(addresses.restore([heir]).isEmpty)
  }
}
