import AgentStore
import MeshModel
import Registry
import Testing

@testable import AgentStore

@Suite("Registrations and virtual addresses on disk")
struct AgentStoreRegistrationsTests {
  private func record(_ name: String, instance: String = "", port: UInt16 = 80) -> RegistryRecord {
    let key = Registration.Key(namespace: "shop", name: name, instance: instance)
    let port = Registration.Port(port: port)
    return RegistryRecord(Registration(key, ports: [port]), owner: .user(1_000), passing: ["alive", "ready"])
  }

  @Test("are after a restart what they were last, but for those that were struck")
  func registrations() throws {
    let files = try StoreFiles()
    var store = try AgentStore.open(directory: files.directory)
    let kept = [record("db", instance: "a"), record("db", instance: "b", port: 81), record("web", port: 8_080)]
    for record in [record("web"), record("gone")] + kept { try store.put(record) }
    try store.forget(record("gone").registration.key)
    try store.forget(record("never").registration.key)
    try store.close()
    store = try AgentStore.open(directory: files.directory)
    let read = try store.registrations()
    #expect(read.records == kept)
    #expect(read.unreadable == [])
  }

  @Test("that are not understood any more are named, stay where they are, and do not hide the rest")
  func unreadable() throws {
    let files = try StoreFiles()
    let store = try AgentStore.open(directory: files.directory)
    try store.put(record("web"))
    try store.write("putting what a later version may write") { db in
      try KeyedTable.registration.put("shop/later/", Array(#"{"registration":{"shape":"round"}}"#.utf8), db)
      try KeyedTable.registration.put("shop/odd/", [0xff, 0, 1], db)
      try KeyedTable.virtualAddress.put("shop/odd", Array("[]".utf8), db)
    }
    let read = try store.registrations()
    #expect(read.records == [record("web")])
    #expect(read.unreadable.map(\.place) == ["registration shop/later/", "registration shop/odd/"])
    #expect(try store.virtualAddresses().unreadable.map(\.place) == ["virtual_address shop/odd"])
    #expect(try store.registrations().unreadable.count == 2)
    try store.put(record("odd"))
    #expect(try store.registrations().records == [record("odd"), record("web")])
  }

  @Test("are written together with addresses and records, all in one transaction or none")
  func together() throws {
    let files = try StoreFiles()
    let store = try AgentStore.open(directory: files.directory)
    try store.put(record("old"))
    var addresses = VirtualAddresses(mesh: "test")
    let assigned = addresses.assign(namespace: "shop", name: "web")
    let web = try #require(assigned)
    try store.put([web])
    var changes = StoreChanges()
    #expect(changes.isEmpty)
    changes.put(record("web", port: 1))
    changes.put(record("web", port: 2))
    changes.forget(record("old").registration.key)
    changes.removeVirtualAddresses(namespace: "shop", name: "web")
    let before = store.transactionCount
    try store.commit(changes)
    try store.commit(StoreChanges())
    #expect(store.transactionCount == before + 1)
    #expect(try store.registrations().records == [record("web", port: 2)])
    #expect(try store.virtualAddresses().assignments == [])

    // The last table's row is refused, so the first's is not kept.
    var refused = StoreChanges()
    refused.put(record("more"))
    refused.put(
      VirtualAssignment(namespace: "shop", name: String(repeating: "n", count: 4_000), v4: web.v4, v6: web.v6)
    )
    #expect(throws: AgentStoreError.self) { try store.commit(refused) }
    #expect(try store.registrations().records == [record("web", port: 2)])
  }

  @Test("keep their addresses, those of services that are gone too, until they are given back")
  func virtualAddresses() throws {
    let files = try StoreFiles()
    var store = try AgentStore.open(directory: files.directory)
    var addresses = VirtualAddresses(mesh: "test")
    for number in 0..<500 { _ = addresses.assign(namespace: "shop", name: "web-\(number)") }
    try store.put(addresses.assignments)
    addresses.release(namespace: "shop", name: "web-7", now_ms: 1_900_000_000_000)
    try store.put(addresses.assignments.filter { $0.name == "web-7" })
    try store.removeVirtualAddresses(namespace: "shop", name: "web-8")
    try store.put([VirtualAssignment]())
    try store.close()
    store = try AgentStore.open(directory: files.directory)
    let read = try store.virtualAddresses()
    #expect(read.assignments == addresses.assignments.filter { $0.name != "web-8" })
    #expect(read.assignments.first { $0.name == "web-7" }?.released_ms == 1_900_000_000_000)
    #expect(read.unreadable == [])
    var restored = VirtualAddresses(mesh: "test")
    #expect(restored.restore(read.assignments) == [])
  }
}
