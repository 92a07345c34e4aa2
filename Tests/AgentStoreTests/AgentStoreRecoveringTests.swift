import MeshModel
import Registry
import Testing
import WeftTestKit

@testable import AgentStore
@testable import Replication

@Suite("A damaged database")
struct AgentStoreRecoveringTests {
  /// All that a database holds, as one value to compare.
  private struct Contents: Equatable {
    var owners: Mirror
    var registrations: [RegistryRecord]
    var addresses: [VirtualAssignment]
    var tokens: [String: [UInt8]]
    var workloads: [String: [String]]

    init(_ store: AgentStore) throws(AgentStoreError) {
      owners = Mirror(try store.owners())
      registrations = try store.registrations().records
      addresses = try store.virtualAddresses().assignments
      tokens = try store.tokens()
      workloads = try store.workloads().selectors
    }
  }

  /// A directory with some of everything, records of one page and of many, closed.
  private func filled() throws -> (files: StoreFiles, contents: Contents) {
    let files = try StoreFiles()
    let store = try AgentStore.open(directory: files.directory)
    var random = SplitMix64(seed: 5)
    for number in 0..<4 {
      var host = Host(number)
      for index in 0..<30 {
        let content = (0..<index * 400).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        try store.persist(try host.write(.document("policy-\(index)", content), .endpoint("web-\(index)", "10.0.0.1")))
      }
    }
    var addresses = VirtualAddresses(mesh: "test")
    for number in 0..<40 {
      let key = Registration.Key(name: "web-\(number)")
      try store.put(RegistryRecord(Registration(key, ports: [Registration.Port(port: 80)]), owner: .user(1)))
      _ = addresses.assign(namespace: "shop", name: "web-\(number)")
      try store.putToken("token-\(number)", [UInt8](repeating: 3, count: number * 20))
    }
    try store.put(addresses.assignments)
    try store.putToken("token", [1, 2, 3])
    try store.putWorkload("spiffe://prod/ns/shop/sa/web", selectors: ["unix:uid:1000"])
    let contents = try Contents(store)
    try store.close()
    #expect(files.names == ["agent.lock", "weft.db"])
    return (files, contents)
  }

  @Test("is found at the start: what to do is said, nothing is changed, and asked to the agent starts empty")
  func tornPage() throws {
    let files = try filled().files
    var bytes = try files.bytes(files.database)
    let middle = bytes.count / 2 / 4_096 * 4_096
    for index in middle..<middle + 2_048 { bytes[index] = 0xa5 }
    try files.write(bytes, to: files.database)
    for _ in 0..<2 {
      #expect {
        let store = try AgentStore.open(directory: files.directory)
        _ = try Contents(store)
      } throws: { error in
        guard case .corrupt(files.database, _)? = error as? AgentStoreError else { return false }
        return ["recover", "nothing was changed"].allSatisfy { "\(error)".contains($0) } && !"\(error)".contains("\n")
      }
    }
    #expect(try files.bytes(files.database) == bytes)

    let aside = try AgentStore.recover(directory: files.directory)
    #expect(aside == "\(files.database).corrupt-1")
    #expect(try files.bytes(aside) == bytes)
    let store = try AgentStore.open(directory: files.directory)
    #expect(try store.owners() == [])
    try store.close()
    #expect(try AgentStore.recover(directory: files.directory) == "\(files.database).corrupt-2")
    #expect(files.names == ["agent.lock", "weft.db.corrupt-1", "weft.db.corrupt-2"])
  }

  @Test("is found or harmless wherever the damage is: 150 seeded pages, halves and bytes")
  func anywhere() throws {
    let (original, contents) = try filled()
    let intact = try original.bytes(original.database)
    var (found, harmless, otherwise) = (0, 0, [String]())
    for seed in 0..<150 {
      var random = SplitMix64(seed: UInt64(seed))
      var bytes = intact
      let length = [1, 8, 512, 2_048, 4_096][seed % 5]
      let start = Int(random.next() % UInt64(bytes.count / length)) * length
      for index in start..<start + length {
        bytes[index] = seed % 2 == 0 ? UInt8(truncatingIfNeeded: random.next()) : 0
      }
      let files = try StoreFiles(database: bytes)
      do throws(AgentStoreError) {
        let store = try AgentStore.open(directory: files.directory)
        let read = try Contents(store)
        if read == contents { harmless += 1 } else { Issue.record("seed \(seed): what \(length) bytes hid was read") }
      } catch {
        if case .corrupt = error { found += 1 } else { otherwise.append("seed \(seed): \(error)") }
      }
      #expect(try files.bytes(files.database).count == bytes.count, "seed \(seed)")
    }
    #expect(found > 100, "\(found) found, \(harmless) harmless, \(otherwise)")
    #expect(otherwise.count < 5, "\(otherwise)")
  }

  @Test("is found where a key changed: in its table, in an index, in a record")
  func changedKey() throws {
    let files = try filled().files
    let bytes = try files.bytes(files.database)
    let key = Array("policy-17".utf8)
    let places = bytes.indices.dropLast(key.count).filter { place in
      bytes[place] == key[0] && bytes[place..<place + key.count] == key[...]
    }
    // Of each of four owners: in its table's column, in the record there, in the index.
    #expect(places.count >= 12)
    for place in places {
      var damaged = bytes
      damaged[place + key.count - 1] = UInt8(ascii: "9")
      let copy = try StoreFiles(database: damaged)
      #expect("at \(place)") {
        _ = try Contents(try AgentStore.open(directory: copy.directory))
      } throws: { error in
        if case .corrupt? = error as? AgentStoreError { true } else { false }
      }
    }
  }

  @Test("is refused when it is cut short, is no database at all, or lacks beside its log")
  func cutShort() throws {
    let files = try filled().files
    let bytes = try files.bytes(files.database)
    for wrong in [Array(bytes[..<(bytes.count / 2)]), Array(bytes[..<5_000]), [UInt8](repeating: 65, count: 9_000)] {
      let files = try StoreFiles(database: wrong)
      #expect {
        try AgentStore.open(directory: files.directory)
      } throws: { error in
        if case .corrupt? = error as? AgentStoreError { true } else { false }
      }
      #expect(try files.bytes(files.database) == wrong)
    }
    let lone = try StoreFiles(database: [1], log: [UInt8](repeating: 1, count: 100))
    #expect(try Command("rm", [lone.database]).run().code == 0)
    #expect {
      try AgentStore.open(directory: lone.directory)
    } throws: { error in
      if case .corrupt? = error as? AgentStoreError { true } else { false }
    }
    #expect(lone.names.contains("weft.db-wal"))
    #expect(try AgentStore.recover(directory: lone.directory) == "\(lone.database).corrupt-1")
    try AgentStore.open(directory: lone.directory).close()
    #expect(throws: AgentStoreError.self) { try AgentStore.recover(directory: try StoreFiles().directory) }
  }
}
