import MeshModel
import Registry
import Testing

@testable import AgentStore

@Suite("Settings, join tokens and workload entries on disk")
struct AgentStoreSettingsTests {
  @Test("are after a restart what they were, and several change at once or not at all")
  func settings() throws {
    let files = try StoreFiles()
    var store = try AgentStore.open(directory: files.directory)
    try store.set(["mesh": Array("prod".utf8), "empty": [], "old": [1]])
    try store.set("old", nil)
    try store.set("bytes", [0, 255, 0])
    let tooLarge = [UInt8](repeating: 0, count: AgentStoreLimits.valueBytes + 1)
    #expect(throws: AgentStoreError.self) { try store.set(["mesh": [9], "large": tooLarge]) }
    #expect(throws: AgentStoreError.self) { try store.set("", [1]) }
    #expect(throws: AgentStoreError.self) {
      try store.set(String(repeating: "k", count: AgentStoreLimits.keyBytes + 1), [1])
    }
    try store.close()
    store = try AgentStore.open(directory: files.directory)
    #expect(try store.settings() == ["mesh": Array("prod".utf8), "empty": [], "bytes": [0, 255, 0]])
    #expect(try store.setting("mesh") == Array("prod".utf8))
    #expect(try store.setting("old") == nil)
  }

  @Test("let a token be used as often as it says and no more, whoever comes at the same time")
  func tokens() async throws {
    let files = try StoreFiles()
    let store = try AgentStore.open(directory: files.directory)
    try store.putToken("three", [3])
    let used = try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<20 {
        group.addTask {
          try store.useToken("three") { value in
            let left = value[0] - 1
            return TokenUse(remaining: left == 0 ? nil : [left])
          }
        }
      }
      return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(used == 3)
    #expect(try store.tokens() == [:])
  }

  @Test("leave a token as it was where its use is refused, or what is left of it cannot be written")
  func refusedUse() throws {
    struct WrongHost: Error {}
    let files = try StoreFiles()
    let store = try AgentStore.open(directory: files.directory)
    try store.putToken("once", [1])
    #expect(throws: WrongHost.self) { try store.useToken("once") { _ in throw WrongHost() } }
    let tooLarge = [UInt8](repeating: 0, count: AgentStoreLimits.valueBytes + 1)
    #expect(throws: AgentStoreError.self) { try store.useToken("once") { _ in TokenUse(remaining: tooLarge) } }
    #expect(try store.tokens() == ["once": [1]])
    #expect(try store.useToken("once") { _ in TokenUse() })
    #expect(try !store.useToken("once") { _ in TokenUse() })
    try store.putToken("again", [2])
    try store.removeToken("again")
    #expect(try store.tokens() == [:])
  }

  @Test("give each workload its selectors")
  func workloads() throws {
    let files = try StoreFiles()
    var store = try AgentStore.open(directory: files.directory)
    let web = "spiffe://prod/ns/shop/sa/web"
    try store.putWorkload(web, selectors: ["unix:uid:1"])
    try store.putWorkload(web, selectors: ["unix:uid:1000", "unix:path:/usr/bin/web"])
    try store.putWorkload("spiffe://prod/ns/shop/sa/none", selectors: [])
    try store.putWorkload("spiffe://prod/ns/shop/sa/gone", selectors: ["unix:uid:2"])
    try store.removeWorkload("spiffe://prod/ns/shop/sa/gone")
    try store.write("putting what a later version may write") { db in
      try KeyedTable.workload.put("spiffe://later", Array(#"{"all":[]}"#.utf8), db)
    }
    try store.close()
    store = try AgentStore.open(directory: files.directory)
    let read = try store.workloads()
    #expect(
      read.selectors == [
        web: ["unix:uid:1000", "unix:path:/usr/bin/web"], "spiffe://prod/ns/shop/sa/none": [],
      ]
    )
    #expect(read.unreadable.map(\.place) == ["workload spiffe://later"])
  }

  @Test("are no more than there may be")
  func bound() throws {
    let files = try StoreFiles()
    let store = try AgentStore.open(directory: files.directory)
    var many: [String: [UInt8]?] = [:]
    for number in 0..<2 { many["key-\(number)"] = [UInt8](repeating: 1, count: AgentStoreLimits.valueBytes) }
    #expect(throws: AgentStoreError.self) { try store.set(many) }
    #expect(try store.settings() == [:])
    let addresses = (0...AgentStoreLimits.entries).map {
      VirtualAssignment(namespace: "n", name: "s-\($0)", v4: IPAddress(v4: 0xf000_0000), v6: IPAddress(high: 1, low: 2))
    }
    #expect(throws: AgentStoreError.self) { try store.put(addresses) }
    #expect(try store.virtualAddresses().assignments.isEmpty)
  }

  @Test(
    "are counted once each: those put again are no more, those struck make room, and what is refused is not counted"
  )
  func counted() throws {
    let files = try StoreFiles()
    let store = try AgentStore.open(directory: files.directory)
    func assignment(_ number: Int) -> VirtualAssignment {
      VirtualAssignment(
        namespace: "n",
        name: "s-\(number)",
        v4: IPAddress(v4: 0xf000_0000),
        v6: IPAddress(high: 1, low: 2)
      )
    }
    try store.put((0..<AgentStoreLimits.entries).map(assignment))
    try store.put([assignment(0), assignment(1)])
    #expect(throws: AgentStoreError.self) { try store.put([assignment(AgentStoreLimits.entries)]) }
    try store.removeVirtualAddresses(namespace: "n", name: "s-7")
    try store.removeVirtualAddresses(namespace: "n", name: "s-7")
    try store.put([assignment(AgentStoreLimits.entries)])
    #expect(throws: AgentStoreError.self) { try store.put([assignment(7)]) }
    try store.close()
    let again = try AgentStore.open(directory: files.directory)
    #expect(throws: AgentStoreError.self) { try again.put([assignment(7)]) }
    try again.put([assignment(8)])
    #expect(try again.virtualAddresses().assignments.count == AgentStoreLimits.entries)
  }
}
