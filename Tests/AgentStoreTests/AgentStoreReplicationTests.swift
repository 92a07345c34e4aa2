import AgentStore
import Testing
import WeftTestKit

@testable import Replication

@Suite("Replicated records on disk")
struct AgentStoreReplicationTests {
  @Test("are after a restart what they were: endpoints, documents, deletions, of several owners")
  func roundTrip() throws {
    let files = try StoreFiles()
    var mirror = Mirror()
    var hosts = [Host(0), Host(1)]
    do {
      let store = try AgentStore.open(directory: files.directory)
      for number in 0..<40 {
        var batches: [Batch] = []
        for index in hosts.indices {
          batches += try hosts[index].write(
            .endpoint("web-\(number % 7)", "10.0.0.\(number):80"),
            .document("policy-\(number % 11)", number % 5 == 0 ? nil : [UInt8](repeating: UInt8(number), count: 5_000))
          )
        }
        if number % 2 == 0 { try store.persist(batches) } else { for batch in batches { try store.persist(batch) } }
        mirror.apply(batches)
        #expect(Mirror(try store.owners()) == mirror)
      }
      try store.close()
    }
    let store = try AgentStore.open(directory: files.directory)
    let owners = try store.owners()
    #expect(owners.count == 2 && Mirror(owners) == mirror)
    #expect(Host(0, stored: owners).isRestored && Host(1, stored: owners).isRestored)
  }

  @Test("of an owner that is forgotten go with it, and only its own")
  func forget() throws {
    let files = try StoreFiles()
    let store = try AgentStore.open(directory: files.directory)
    var mirror = Mirror()
    for number in 0..<3 {
      var host = Host(number)
      let batches = try host.write(.endpoint("web", "here"), .document("policy", [1, 2, 3]))
      try store.persist(batches)
      if number != 1 { mirror.apply(batches) }
    }
    try store.persist(Batch(owner: .host(1), state: nil, puts: [], removes: []))
    try store.persist(Batch(owner: .host(9), state: nil, puts: [], removes: []))
    #expect(Mirror(try store.owners()) == mirror)
    var again = Host(1)
    let batches = try again.write(.endpoint("db", "back"))
    try store.persist(batches)
    mirror.apply(batches)
    #expect(Mirror(try store.owners()) == mirror)
  }

  @Test("are removed by their keys")
  func removes() throws {
    let files = try StoreFiles()
    let store = try AgentStore.open(directory: files.directory)
    var host = Host(0)
    let first = try host.write(.endpoint("web", "here"), .endpoint("db", "there"))
    let state = try #require(first.last?.state)
    let key = RecordKey(kind: .endpoints, namespace: "shop", name: "web")
    let second = Batch(owner: .host(0), state: state, puts: [], removes: [key])
    var mirror = Mirror()
    mirror.apply(first + [second])
    try store.persist(first)
    try store.persist(second)
    #expect(Mirror(try store.owners()) == mirror)
    #expect(try store.owners().first?.records.map(\.key.name) == ["db"])
  }

  @Test("are told apart by all of a name, NUL and what follows too, and not by how an accent is spelt")
  func names() throws {
    let files = try StoreFiles()
    let store = try AgentStore.open(directory: files.directory)
    var host = Host(0)
    var mirror = Mirror()
    for name in ["a\0b", "a\0c", "a", "\u{e9}", "e\u{301}", "A"] {
      let batches = try host.write(.document(name, Array(name.utf8)))
      try store.persist(batches)
      mirror.apply(batches)
    }
    let owners = try store.owners()
    #expect(Mirror(owners) == mirror)
    #expect(owners.first?.records.count == 5)
    #expect(Host(0, stored: owners).isRestored)
  }

  @Test("are all there or none of them, whichever batch of a transaction fails")
  func atomic() throws {
    let files = try StoreFiles()
    let store = try AgentStore.open(directory: files.directory)
    var host = Host(0)
    var mirror = Mirror()
    let first = try host.write(.endpoint("web", "here"))
    try store.persist(first)
    mirror.apply(first)
    let second = try host.write(.endpoint("web", "moved"), .endpoint("db", "new"))
    try Faults.refuseRecords(of: store, named: "db")
    #expect(throws: AgentStoreError.self) { try store.persist(second) }
    var other = Host(1)
    let others = try other.write(.endpoint("web", "elsewhere"))
    #expect(throws: AgentStoreError.self) { try store.persist(others + second) }
    #expect(Mirror(try store.owners()) == mirror)
    try Faults.end(of: store)
    try store.persist(others + second)
    mirror.apply(others + second)
    #expect(Mirror(try store.owners()) == mirror)
  }

  @Test("of the largest owner, and of as many owners as there may be, are read in a few seconds")
  func largest() throws {
    let files = try StoreFiles()
    let store = try AgentStore.open(directory: files.directory)
    var large = Host(0)
    let content = [UInt8](repeating: 9, count: ReplicationLimits.contentBytes)
    for number in 0..<63 { try store.persist(try large.write(.document("large-\(number)", content))) }
    var batches: [Batch] = []
    for number in 1..<ReplicationLimits.owners {
      var host = Host(number)
      batches += try host.write(.endpoint("web-\(number)", "10.0.0.1:80 zone=a"), .endpoint("db-\(number)", nil))
    }
    try store.persist(batches)
    let deadline = Deadline(.seconds(20))
    let clock = ContinuousClock()
    let start = clock.now
    let owners = try store.owners()
    let reading = clock.now - start
    try store.close()
    let again = clock.now
    let reopened = try AgentStore.open(directory: files.directory)
    let opening = clock.now - again
    #expect(owners.count == ReplicationLimits.owners)
    #expect(owners.first?.records.count == 63)
    #expect(!deadline.isOver, "reading \(reading), opening \(opening)")
    try reopened.close()
  }
}
