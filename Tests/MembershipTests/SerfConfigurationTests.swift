import Foundation
import MeshModel
import Testing
import WeftTestKit

@testable import Membership

@Suite("Serf's configuration")
struct SerfConfigurationTests {
  static func configuration(in directory: String) throws -> SerfConfiguration {
    SerfConfiguration(
      name: "h",
      directory: directory,
      key: .random(),
      tags: try MemberTagsTests.tags(),
      bind: try #require(SocketAddress("127.0.0.1:7946"))
    )
  }

  @Test("is written for its owner alone, has both keys, and replaces what was there")
  func file() throws {
    let directory = try TemporaryDirectory()
    let configuration = try Self.configuration(in: directory.file("serf"))
    for key in ["first", "second"] {
      let file = SerfFile(configuration, rpcPort: 4711, rpcKey: key)
      try file.write(in: configuration.directory)
      let contents = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: file.path)))
      let settings = try #require(contents as? [String: Any])
      #expect(settings["rpc_auth"] as? String == key && settings["rpc_addr"] as? String == "127.0.0.1:4711")
      #expect(settings["encrypt_key"] as? String == configuration.key.base64)
      #expect(settings["tags"] as? [String: String] == configuration.tags.encoded)
      let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
    }
    let mode = try FileManager.default.attributesOfItem(atPath: configuration.directory)[.posixPermissions] as? Int
    #expect(mode == 0o700)
  }

  @Test("a directory that cannot be made is named")
  func unwritable() throws {
    let file = SerfFile(try Self.configuration(in: "/proc/none"), rpcPort: 1, rpcKey: "k")
    #expect(throws: MembershipError.self) { try file.write(in: "/proc/none") }
    do { try file.write(in: "/proc/none") } catch { #expect("\(error)".contains("/proc/none")) }
  }

  @Test("the key is on no command line and in no description")
  func secrecy() throws {
    let configuration = try Self.configuration(in: "/d")
    let words = SerfChild(program: "serf", configurationPath: "/d/serf.json").command(parent: 1)
    #expect(words.allSatisfy { !$0.contains(configuration.key.base64) })
    #expect("\(configuration.key)" == "a gossip key of 256 bits")
    var dumped = ""
    dump(configuration.key, to: &dumped)
    #expect(!dumped.contains("\(configuration.key.bytes[0]),") && !dumped.contains(configuration.key.base64))
    #expect(GossipKey(base64: configuration.key.base64) == configuration.key)
    #expect(
      GossipKey([1]) == nil && GossipKey(base64: "?") == nil && GossipKey([UInt8](repeating: 0, count: 16)) != nil
    )
  }

  @Test("settings that cannot be right are refused before anything runs")
  func validation() throws {
    let good = try Self.configuration(in: "/d")
    #expect(throws: Never.self) { try good.validate() }
    let wrong: [(inout SerfConfiguration) -> Void] = [
      { $0.name = "a b" }, { $0.bind = SocketAddress($0.bind.ip, port: 0) }, { $0.directory = "d" },
      { $0.advertise = SocketAddress(IPAddress(v4: 0), port: 1) },
      { $0.join = [SocketAddress](repeating: $0.bind, count: 17) },
      { $0.tags.peerAddress = SocketAddress(IPAddress(v4: 0), port: 1) }, { $0.tags.protocolVersion = 0 },
    ]
    for change in wrong {
      var configuration = good
      change(&configuration)
      #expect(throws: MembershipError.self) { try SerfMembership(configuration) }
    }
  }

  @Test("a single host is a mesh of its own that never changes")
  func singleHost() async throws {
    let own = try MemberViewTests.host("own")
    let single = SingleHost(own)
    var events = single.events.makeAsyncIterator()
    #expect(await events.next() == .up(own))
    #expect(await single.members() == [own])
    await #expect(throws: MembershipError.self) { try await single.join([own.address]) }
    try await single.setTags(own.tags)
    await #expect(throws: MembershipError.self) { try await single.setTags(try MemberTagsTests.tags()) }
    try await single.leave()
  }
}
