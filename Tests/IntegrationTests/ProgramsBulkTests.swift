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

  @Test("a client that does not read a large answer holds its server back, through both")
  func slowReader() throws {
    let scene = try ProgramsScene()
    let server = try scene.serve("web_server.py")
    try scene.curl(["-o", "/dev/null", "\(scene.url)/pattern?bytes=5000000"]).orThrow()
    let before = try scene.proxies.map { try $0.memory().resident }
    let clients = try (0..<4).map { _ in
      try PodStream.connect(from: scene.pods.client, to: scene.address, receiveBuffer: 4096)
    }
    for client in clients { try client.send("GET /pattern?bytes=200000000 HTTP/1.1\r\nhost: web\r\n\r\n") }
    // Other requests are served meanwhile, and nothing but the kernel's buffers fills.
    for _ in 0..<20 { try scene.curl(["-o", "/dev/null", "\(scene.url)/numbers"]).orThrow() }
    for (before, proxy) in zip(before, scene.proxies) {
      #expect(try proxy.memory().resident - before < 5 << 20)
    }
    for client in clients {
      var received = 0
      while received < 200_000_000 {
        let bytes = try client.receive(upTo: 1 << 20)
        guard !bytes.isEmpty else { break }
        received += bytes.count
      }
      // The head comes on top.
      #expect((200_000_000..<200_001_000).contains(received))
    }
    withExtendedLifetime(server) {}
  }
}

/// The most that one thread has seen.
final class Peak: Sendable {
  private let most = Atomic(0)
  var bytes: Int { most.load(ordering: .relaxed) }
  func note(_ bytes: Int) { most.max(bytes, ordering: .relaxed) }
}
