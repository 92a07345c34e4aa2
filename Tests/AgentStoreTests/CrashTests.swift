import Foundation
import Glibc
import Testing
import WeftTestKit

@testable import AgentStore
@testable import Replication

/// kill -9 of a process that writes, tried on a second run of these very tests; and every moment at which the log can
/// end after a power failure, tried on copies.
@Suite("After a crash of the agent")
struct CrashTests {
  /// Says in the environment where the run that is to be killed keeps its store and its acknowledgements.
  private static let variable = "WEFT_STORE_VICTIM"
  private static let place = ProcessInfo.processInfo.environment[variable]

  private static let documents = 4
  /// Moments at which the process is killed.
  private static let kills = 12

  /// The writes of round `number`: all documents have its number, so that a reader sees whether they are of one round.
  /// Together they are large enough that the log goes into the database every twenty rounds.
  private static func writes(_ number: UInt32) -> [Write] {
    let content = withUnsafeBytes(of: number.bigEndian) { Array($0) } + [UInt8](repeating: 1, count: 50_000)
    let documents = (0..<documents).map { Write.document("policy-\($0)", content) }
    return documents + [.endpoint("web-\(number % 16)", number % 3 == 0 ? nil : "round \(number)")]
  }

  /// The round of what is on disk; nil for parts of several, or of one.
  private static func round(_ owners: [StoredOwner]) -> UInt32? {
    guard let owner = owners.first else { return 0 }
    // The head is over all records, so a set that fits it is whole.
    guard owners.count == 1, Host(0, stored: owners).isRestored else { return nil }
    let rounds = owner.records.filter { $0.key.kind == .policy }.map { record in
      (record.content ?? []).prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }
    return rounds.count == documents && Set(rounds).count == 1 ? rounds.first : nil
  }

  @Test("writes rounds and acknowledges them until it is killed", .enabled(if: place != nil))
  func victim() throws {
    let place = try #require(Self.place)
    let acknowledgements = open("\(place)/acknowledged", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(acknowledgements) }
    let store = try AgentStore.open(directory: "\(place)/data")
    let owners = try store.owners()
    var number = try #require(Self.round(owners))
    var host = Host(0, stored: owners)
    // Long enough for whoever is to end this, and not for ever where nobody does.
    let deadline = Deadline(.seconds(60))
    while !deadline.isOver {
      number += 1
      try store.persist(try host.write(Self.writes(number)))
      let line = Array("\(number)\n".utf8)
      guard write(acknowledgements, line, line.count) == line.count else { throw TestKitError("no acknowledgement") }
    }
  }

  private func acknowledged(_ directory: TemporaryDirectory) -> UInt32 {
    let text = (try? String(contentsOfFile: directory.file("acknowledged"), encoding: .utf8)) ?? ""
    return text.split(separator: "\n").last.flatMap { UInt32($0) } ?? 0
  }

  @Test("all that was acknowledged is there and no half of a batch: killed by SIGKILL at twelve random moments")
  func killed() throws {
    let directory = try TemporaryDirectory()
    let tests = try #require(CommandLine.arguments.first)
    let victim = Command(
      tests,
      ["--filter", "AgentStoreTests.CrashTests/victim", "--testing-library", "swift-testing"]
    )
    .with(\.environment, [Self.variable: directory.path])
    var random = SplitMix64(seed: 20_261_125)
    for _ in 0..<Self.kills {
      let before = acknowledged(directory)
      let run = try victim.start()
      // At least one write of each run, a few more, and then at any moment within the next.
      let enough = before + 1 + UInt32(random.next() % 25)
      try eventually("round \(enough)") { acknowledged(directory) >= enough }
      if before == 0 {
        #expect(throws: AgentStoreError.locked(directory: directory.file("data"), pid: run.pid)) {
          try AgentStore.open(directory: directory.file("data"))
        }
      }
      usleep(UInt32(random.next() % 8_000))
      run.kill()
      #expect(try run.waitForExit() == 128 + SIGKILL)

      let sure = acknowledged(directory)
      let store = try AgentStore.open(directory: directory.file("data"))
      let round = try #require(Self.round(try store.owners()))
      #expect(round == sure || round == sure + 1)
      try store.close()
    }
  }

  @Test("all is there where a power failure tore the database's pages while the log went into them: 40 seeded mixtures")
  func tornCheckpoint() throws {
    let files = try StoreFiles()
    var store = try AgentStore.open(directory: files.directory)
    var host = Host(0)
    var mirror = Mirror()
    func persist(_ numbers: ClosedRange<Int>) throws {
      for number in numbers {
        let content = [UInt8](repeating: UInt8(number), count: number * 500)
        let batches = try host.write(.document("policy-\(number % 13)", content), .endpoint("web-\(number)", "here"))
        try store.persist(batches)
        mirror.apply(batches)
      }
    }
    try persist(1...30)
    try store.close()
    let before = try files.bytes(files.database)
    store = try AgentStore.open(directory: files.directory)
    try persist(31...60)
    let log = try files.bytes(files.log)
    try store.close()
    let after = try files.bytes(files.database)
    #expect(before != after && before.count < after.count && files.names == ["agent.lock", "weft.db"])

    for seed in 0..<40 {
      var random = SplitMix64(seed: UInt64(seed))
      var mixed = Array(after[..<(random.next() % 2 == 0 ? before.count : after.count)])
      // Sectors of 512 bytes reach the disk whole, pages of 4,096 do not.
      for start in stride(from: 0, to: before.count, by: 512) where random.next() % 2 == 0 {
        mixed.replaceSubrange(start..<start + 512, with: before[start..<start + 512])
      }
      let copy = try StoreFiles(database: mixed, log: log)
      let store = try AgentStore.open(directory: copy.directory)
      #expect(Mirror(try store.owners()) == mirror, "seed \(seed)")
    }
  }

  @Test("each batch is there or not, wherever the log ends: cut after a power failure, or damaged at its end")
  func logEnds() throws {
    let files = try StoreFiles()
    let store = try AgentStore.open(directory: files.directory)
    var host = Host(0)
    var (ends, states) = ([try files.bytes(files.log).count], [Mirror()])
    var mirror = Mirror()
    for number in 1...8 {
      let batches = try host.write(
        .document("policy-\(number % 3)", [UInt8](repeating: UInt8(number), count: number * 1_000)),
        .endpoint("web", number % 4 == 0 ? nil : "round \(number)")
      )
      try store.persist(batches)
      mirror.apply(batches)
      ends.append(try files.bytes(files.log).count)
      states.append(mirror)
    }
    let (database, log) = (try files.bytes(files.database), try files.bytes(files.log))
    try store.close()
    #expect(zip(ends, ends.dropFirst()).allSatisfy { $0 < $1 } && ends.last == log.count)

    var random = SplitMix64(seed: 9)
    let cuts = ends.flatMap { [$0 - 1, $0, $0 + 1] } + (0..<40).map { _ in Int(random.next() % UInt64(log.count)) }
    for cut in cuts where cut <= log.count {
      let whole = ends.lastIndex { $0 <= cut } ?? 0
      let copy = try StoreFiles(database: database, log: Array(log[..<cut]))
      let store = try AgentStore.open(directory: copy.directory)
      #expect(Mirror(try store.owners()) == states[whole], "cut at \(cut)")
    }
    for _ in 0..<20 {
      let at = ends[7] + Int(random.next() % UInt64(log.count - ends[7]))
      var damaged = log
      damaged[at] ^= UInt8(truncatingIfNeeded: random.next() | 1)
      let copy = try StoreFiles(database: database, log: damaged)
      let store = try AgentStore.open(directory: copy.directory)
      #expect(Mirror(try store.owners()) == states[7], "damaged at \(at)")
    }
  }
}
