import Foundation
import MeshModel
import Synchronization
import Testing
import WeftTestKit

/// Faults of process, disk and clock, met by the real agent while the real `weft` writes.
@Suite("An agent's acknowledged writes")
struct AgentFaultTests {
  private static let address = "192.0.2.1"

  /// What the agent acknowledged.
  private final class Acknowledged: Sendable {
    let services = Mutex<Set<String>>([])
    let policies = Mutex<Set<String>>([])

    /// What of it the agent does not have any more.
    func missing(_ agent: AgentUnderTest) throws -> [String] {
      let services = try AgentFaultTests.words(agent.weft("services").orThrow())
      let policies = try AgentFaultTests.words(agent.weft("get", "authz").orThrow())
      return self.services.withLock { $0.subtracting(services) }.sorted()
        + self.policies.withLock { $0.subtracting(policies) }.sorted()
    }
  }

  private static func words(_ outcome: Outcome) -> Set<String> {
    Set(outcome.output.split { $0.isWhitespace || $0 == "/" }.map(String.init))
  }

  private static func register(_ agent: AgentUnderTest, _ number: Int) throws -> Outcome {
    try agent.weft("register", "--name", "s\(number)", "--port", "\(1_000 + number)", "--address", Self.address)
  }

  private static func apply(_ agent: AgentUnderTest, _ name: String, padding: Int = 0) throws -> Outcome {
    let note = padding == 0 ? "" : ", annotations: {note: \"\(String(repeating: "n", count: padding))\"}"
    let policy = """
      {apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: \(name)\(note)},
       spec: {action: DENY, rules: [{to: [{operation: {methods: [DELETE]}}]}]}}
      """
    return try agent.weft("apply", "-f", "-", input: policy)
  }

  /// Calls `write` with numbers from `first` on until it is not acknowledged; the thread's end can be awaited.
  private func writing(_ first: Int, _ write: @escaping @Sendable (Int) -> Bool) -> DispatchGroup {
    let group = DispatchGroup()
    group.enter()
    Thread.detachNewThread {
      var number = first
      while write(number) { number += 1 }
      group.leave()
    }
    return group
  }

  /// Kills, at moments that the seed says; a round is a start and some writes.
  private static let kills = 24
  /// The moment is within this many microseconds of the round's first writes: in that time some more of each kind are done.
  private static let longestRound_us: UInt64 = 250_000

  @Test("are there after kill -9 at any moment", .timeLimit(.minutes(5)))
  func kills() throws {
    let agent = try AgentUnderTest(in: try Pod())
    let acknowledged = Acknowledged()
    var random = SplitMix64(seed: 20)
    for round in 0..<Self.kills {
      nonisolated(unsafe) let agent = agent  // its program changes only while no writer runs
      let writers = [
        writing(round * 200) { number in
          guard (try? Self.register(agent, number))?.succeeded == true else { return false }
          acknowledged.services.withLock { _ = $0.insert("s\(number)") }
          return true
        },
        writing(round * 200) { number in
          guard (try? Self.apply(agent, "p\(number)"))?.succeeded == true else { return false }
          acknowledged.policies.withLock { _ = $0.insert("p\(number)") }
          return true
        },
      ]
      try eventually("a write of each kind in round \(round)") {
        acknowledged.services.withLock { $0.contains("s\(round * 200)") }
          && acknowledged.policies.withLock { $0.contains("p\(round * 200)") }
      }
      // The moment is what is tried, so it comes of chance and not of an event.
      usleep(UInt32(random.next() % Self.longestRound_us))
      try agent.crash()
      for writer in writers { writer.wait() }
      try agent.restart()
      #expect(try acknowledged.missing(agent) == [], "round \(round)")
    }
  }

  /// The file system of the data directory, in a mount namespace that ends with its holder.
  private static let disk_KiB = 4_096

  @Test("stay on a full disk, where others are refused with the reason, and writing goes on once there is room")
  func fullDisk() throws {
    var holder: RunningProgram?
    let agent = try AgentUnderTest(in: try Pod()) { directory in
      let mount = "mkdir $0 && mount -t tmpfs -o mode=700,size=\(Self.disk_KiB)k none $0 && echo mounted && exec cat"
      let program = try Command(
        "unshare",
        ["--mount", "--propagation", "private", "/bin/sh", "-c", mount, directory.file("data")]
      ).with(\.keepsInputOpen, true).start()
      try program.output.await("mounted")
      holder = program
      return ["nsenter", "--mount=/proc/\(program.pid)/ns/mnt", "--"]
    }
    let holding = try #require(holder)
    let acknowledged = Acknowledged()
    func register(_ number: Int) throws -> Outcome {
      let outcome = try Self.register(agent, number)
      if outcome.succeeded { acknowledged.services.withLock { _ = $0.insert("s\(number)") } }
      return outcome
    }
    try register(0).orThrow()
    let ballast = "/proc/\(holding.pid)/root\(agent.directory.file("data"))/ballast"
    try fill(ballast)
    // Pages that the log has already are written still; large documents use them up.
    var number = 1
    var refused: Outcome?
    while refused == nil, number < Self.disk_KiB / 16 {
      let outcome = try Self.apply(agent, "large\(number)", padding: 30_000)
      if outcome.succeeded {
        acknowledged.policies.withLock { _ = $0.insert("large\(number)") }
      } else {
        refused = outcome
      }
      number += 1
    }
    #expect(try #require(refused).error.contains("no space left"), "\(String(describing: refused))")
    number = 1
    while number < Self.disk_KiB / 4, try register(number).succeeded { number += 1 }
    let refusal = try register(number)
    #expect(refusal.error.contains("no space left") && refusal.error.contains("nothing was changed"), "\(refusal)")
    #expect(try acknowledged.missing(agent) == [])
    #expect(try !Self.words(agent.weft("services").orThrow()).contains("s\(number)"))

    unlink(ballast)
    try register(900).orThrow()
    try agent.crash()
    try agent.restart()
    #expect(try acknowledged.missing(agent) == [])
    #expect(try !Self.words(agent.weft("services").orThrow()).contains("s\(number)"), "what was refused is not there")
    withExtendedLifetime(holding) {}
  }

  /// A file that takes all the space there is.
  private func fill(_ path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw TestKitError("open \(path)") }
    defer { close(file) }
    let page = [UInt8](repeating: 1, count: 4_096)
    while write(file, page, page.count) == page.count {}
    #expect(errno == ENOSPC)
  }

  private static let day_s = 86_400
  /// How long an intermediate is valid, by docs/identity.md.
  private static let intermediateLife_s = Int64(90 * day_s)
  /// What a round may take: far less than the clock jumps.
  private static let slack_s: Int64 = 600

  /// What `weft identity show -o json` says, as far as it bears on time.
  private struct Identities: Decodable {
    struct Certificate: Decodable {
      let role: String
      let sha256: String
      let notBeforeS: Int64
      let notAfterS: Int64
    }

    let certificates: [Certificate]

    init(_ agent: AgentUnderTest, _ arguments: String...) throws {
      let rotate = try arguments.map { try agent.weft("identity", "rotate", $0, "-o", "json") }.last
      let outcome = try rotate ?? agent.weft("identity", "show", "-o", "json")
      self = try JSONDecoder().decode(Self.self, from: Data(outcome.orThrow().output.utf8))
    }

    func all(_ role: String) -> [Certificate] { certificates.filter { $0.role == role } }
  }

  @Test("are there when the clock jumps a day ahead, back, and a day behind, and a certificate that is valid then")
  func clock() throws {
    let clocks = try SkewedClocks("agent")
    let agent = try AgentUnderTest(in: try Pod(), through: { _ in clocks.wrapper("agent") })
    let acknowledged = Acknowledged()
    func write(_ number: Int) throws {
      try Self.register(agent, number).orThrow()
      try Self.apply(agent, "p\(number)").orThrow()
      acknowledged.services.withLock { _ = $0.insert("s\(number)") }
      acknowledged.policies.withLock { _ = $0.insert("p\(number)") }
    }
    try write(0)
    let roots = try Identities(agent).all("root").map(\.sha256)
    for (index, days) in [1, 0, -1, 1, 0].enumerated() {
      try clocks.set("agent", hours: days * 24)
      let now_s = Int64(Date().timeIntervalSince1970) + Int64(days * Self.day_s)
      // As it runs, and as it starts at that time.
      try write(2 * index + 1)
      #expect(try acknowledged.missing(agent) == [], "\(days) days")
      try agent.crash()
      try agent.restart()
      #expect(try acknowledged.missing(agent) == [], "\(days) days, after a start")
      try write(2 * index + 2)
      // The last word counts, whichever clock it was said by.
      try agent.weft("deregister", "s\(2 * index + 2)").orThrow()
      acknowledged.services.withLock { _ = $0.remove("s\(2 * index + 2)") }
      #expect(try !Self.words(agent.weft("services").orThrow()).contains("s\(2 * index + 2)"))
      #expect(try Identities(agent).all("root").map(\.sha256) == roots, "\(days) days")
      // The agent goes by its clock: what it makes now is valid now, and for its life from now on.
      let made = try Identities(agent, "--intermediate").all("intermediate")
      let ends_s = now_s + Self.intermediateLife_s
      #expect(made.contains { $0.notBeforeS <= now_s && abs($0.notAfterS - ends_s) < Self.slack_s }, "\(made)")
    }
  }
}
