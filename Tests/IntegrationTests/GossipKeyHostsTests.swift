import Foundation
import MeshModel
import Testing
import WeftTestKit

@Suite("A gossip key")
struct GossipKeyHostsTests {
  private let scene: HostsScene
  private let key: Data

  init() throws {
    scene = try HostsScene(2)
    key = try Data(contentsOf: URL(fileURLWithPath: scene.agents[0].directory.file("data/gossip.key")))
  }

  /// Starts the second host anew with another key in its file; nil: with none.
  private func restart(with key: Data?) throws {
    try scene.agents[1].crash()
    try keep(key)
    try scene.agents[1].restart()
  }

  private func keep(_ key: Data?) throws {
    let path = scene.agents[1].directory.file("data/gossip.key")
    guard let key else { return try FileManager.default.removeItem(atPath: path) }
    try key.write(to: URL(fileURLWithPath: path))
    chmod(path, 0o600)
  }

  private func check(_ host: Int) throws -> String { try scene.agents[host].weft("check").output }

  @Test(
    "that is damaged on disk, or gone, leaves its host alone with what is its own; it says what to do, and needs no start once that is done",
    arguments: [true, false]
  )
  func damaged(_ isThere: Bool) throws {
    let host = scene.agents[1]
    try restart(with: isThere ? key.dropLast() : nil)
    let what =
      "gossip.key of the data directory is \(isThere ? "damaged" : "missing"); restore it, or copy it from another host"
    _ = try host.program.error.await("what is wrong and what to do") { $0.contains(what) ? true : nil }
    try eventually("its check says so, too") {
      try check(1).contains("this host is alone, and was one of several: \(what)")
    }
    try host.weft("register", "--name", "web", "--port", "8080").orThrow()
    #expect(try scene.knows(1, "\(scene.link.ends[1].v4):8080"))
    #expect(try HostsScene.members(host).map(\.name) == ["h2"])
    // As its own words have it: every host has the same.
    try keep(key)
    try eventually("it is back, with what it registered meanwhile", within: .seconds(60)) {
      try scene.knows(0, "\(scene.link.ends[1].v4):8080")
    }
    #expect(try !check(1).contains("this host is alone"))
  }

  @Test(
    "that is another one than the mesh's parts its host from the others, which take nothing of it, count it and say where it is"
  )
  func foreign() throws {
    let address = scene.link.ends[1].v4
    try restart(with: Data(repeating: 7, count: 32))
    try eventually("the first host sees the second fail") {
      try HostsScene.members(scene.agents[0]).contains { $0.name == "h2" && $0.status == "failed" }
    }
    try scene.agents[1].weft("register", "--name", "web", "--port", "8080").orThrow()
    for host in 0..<2 {
      try eventually("host \(host + 1) says that keys differ", within: .seconds(60)) {
        try check(host).contains("gossips by another key than this one")
      }
    }
    try eventually("the first says where the other key is") { try check(0).contains("the host at \(address):") }
    #expect(try scene.count(0, "gossip_undecrypted") > 0)
    #expect(try HostsScene.members(scene.agents[1]).map(\.name) == ["h2"])
    #expect(try !scene.knows(0, "\(address):8080"))
    try restart(with: key)
    try eventually("with the mesh's key it is back", within: .seconds(30)) {
      try scene.knows(0, "\(address):8080")
    }
  }
}
