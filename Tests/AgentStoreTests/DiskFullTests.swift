import Foundation
import Glibc
import Testing
import WeftTestKit

@testable import AgentStore
@testable import Replication

/// A disk without space: a small tmpfs, mounted in a mount namespace of a second run of these very tests, so that no
/// mount outlives it.
@Suite("On a full disk")
struct DiskFullTests {
  /// Says in the environment of that run where its file system is.
  private static let variable = "WEFT_STORE_FULL_DISK"
  private static let place = ProcessInfo.processInfo.environment[variable]
  private static let passed = "full disk: seen and survived"

  /// A file that takes the rest of the file system, but for some KiB.
  private func ballast(_ path: String, leaving rest_KiB: Int) throws {
    unlink(path)
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(file) }
    let page = [UInt8](repeating: 1, count: 4_096)
    var pages = 0
    while write(file, page, page.count) == page.count { pages += 1 }
    #expect(errno == ENOSPC && ftruncate(file, max(0, pages * 4_096 - rest_KiB << 10)) == 0)
  }

  private func isDiskFull(_ error: any Error) -> Bool {
    if case .diskFull? = error as? AgentStoreError { true } else { false }
  }

  @Test("runs where its file system is that small", .enabled(if: place != nil))
  func inside() throws {
    let place = try #require(Self.place)
    let (data, rest) = ("\(place)/data", "\(place)/ballast")
    var store = try AgentStore.open(directory: data)
    var host = Host(0)
    var mirror = Mirror()
    try store.keys.write("host.key", [1, 2, 3])
    func persist(_ number: Int) throws {
      // As an agent does: where a batch cannot be made durable, its replica is put back.
      let before = host
      do {
        let batches = try host.write(
          .document("policy-\(number % 4)", [UInt8](repeating: UInt8(number), count: 20_000)),
          .endpoint("web-\(number)", "10.0.0.1")
        )
        try store.persist(batches)
        mirror.apply(batches)
      } catch {
        host = before
        throw error
      }
    }
    try persist(1)

    try ballast(rest, leaving: 256)
    var written = 1
    #expect {
      while written < 200 { written += 1; try persist(written) }
    } throws: { isDiskFull($0) }
    #expect(written > 2 && written < 200)
    #expect(Mirror(try store.owners()) == mirror)
    try ballast(rest, leaving: 0)
    #expect { try store.set("large", [UInt8](repeating: 1, count: 500_000)) } throws: { isDiskFull($0) }
    #expect { try store.keys.write("host.key", [UInt8](repeating: 9, count: 9_000)) } throws: { isDiskFull($0) }
    #expect { try store.keys.write("new.key", [UInt8](repeating: 9, count: 9_000)) } throws: { isDiskFull($0) }
    #expect(try store.keys.read("host.key") == [1, 2, 3])
    #expect(try store.keys.read("new.key") == nil)
    #expect(Mirror(try store.owners()) == mirror)

    unlink(rest)
    try persist(201)
    #expect(Mirror(try store.owners()) == mirror)
    try store.close()
    try ballast(rest, leaving: 0)
    #expect { try AgentStore.open(directory: data) } throws: { isDiskFull($0) }
    unlink(rest)
    store = try AgentStore.open(directory: data)
    let owners = try store.owners()
    #expect(Mirror(owners) == mirror && Host(0, stored: owners).isRestored)
    try persist(202)
    try store.close()
    print(Self.passed)
  }

  @Test(
    "a write fails and says so, what was there stays, and it goes on when there is space again",
    .enabled(if: geteuid() == 0, "mounts a file system")
  )
  func full() throws {
    let directory = try TemporaryDirectory()
    let tests = try #require(CommandLine.arguments.first)
    let mount = "mount -t tmpfs -o size=4m,mode=755 tmpfs \"$0\" && exec \"$@\""
    let outcome = try Command(
      "unshare",
      ["--mount", "--propagation", "private", "sh", "-c", mount, directory.path, tests]
        + ["--filter", "AgentStoreTests.DiskFullTests/inside", "--testing-library", "swift-testing"]
    ).with(\.environment, [Self.variable: directory.path]).run()
    #expect(outcome.code == 0 && outcome.output.contains(Self.passed), "\(outcome.output) \(outcome.error)")
  }
}
