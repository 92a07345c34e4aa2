import Foundation
import MeshModel
import Synchronization
import Testing
import WeftTestKit

@Suite("Large bodies both ways at once through two proxies")
struct ProgramsBulkTests {
  @Test(
    "every byte arrives, of one connection and of eight at once, and the proxies stay small",
    .timeLimit(.minutes(4)),
    arguments: [(1, 200), (8, 100)]
  )
  func bothWays(connections: Int, megabytes: Int) throws {
    let scene = try ProgramsScene()
    let server = try scene.serve("web_server.py")
    // A first round, so that what the proxies keep anyway is there.
    try scene.call("duplex_client.py", scene.url, "1", "1").orThrow()
    let before = try scene.proxies.map { try $0.memory().resident }
    let (near, far) = (Peak(), Peak())
    let isOver = Flag()
    Thread.detachNewThread {
      while !isOver.isRaised {
        near.note((try? scene.near.memory().resident) ?? 0)
        far.note((try? scene.far.memory().resident) ?? 0)
        usleep(20_000)
      }
    }
    defer { isOver.raise() }
    let outcome = try scene.call(
      "duplex_client.py",
      scene.url,
      "\(connections)",
      "\(megabytes)",
      within: .seconds(120)
    ).orThrow()
    #expect(outcome.output == "all right\n")
    for (before, peak) in zip(before, [near.bytes, far.bytes]) {
      // Each direction may hold what one read brought, which is at most 512 KiB, and its chunks anew.
      #expect(peak > 0 && peak - before < (connections + 1) << 21, "\(before) grew to \(peak)")
    }
    print("resident \(before.map { $0 >> 10 }) KiB, at most \(near.bytes >> 10) and \(far.bytes >> 10) KiB")
    withExtendedLifetime(server) {}
  }
}

/// The most that one thread has seen.
final class Peak: Sendable {
  private let most = Atomic(0)
  var bytes: Int { most.load(ordering: .relaxed) }
  func note(_ bytes: Int) { most.max(bytes, ordering: .relaxed) }
}
