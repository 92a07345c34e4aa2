import MeshModel
import Registry
import Testing
import WeftTestKit

@testable import AgentCore

@Suite("Instances in replicated records")
struct InstanceRecordTests {
  private let web = EndpointsRecord(
    key: Registration.Key(namespace: "shop", name: "web", instance: "b"),
    ports: [.init(name: "http", port: 8080, appProtocol: .http), .init(name: "admin", port: 9090)],
    addresses: [IPAddress(v4: 0xc612_0001), IPAddress(high: 0xfd00 << 48, low: 7)],
    labels: ["app": "web", "tier": "front"],
    serviceAccount: "web",
    isReady: false
  )

  @Test("What is written is read back")
  func roundTrip() throws {
    var other = web
    other.key.instance = "a"
    other.isReady = true
    let content = try #require(try InstanceRecord.encode([web, other]))
    let read = try InstanceRecord.decode(content, namespace: "shop", name: "web")
    #expect(read.instances == [other, web], "in the order of their names")
    #expect(read.left == 0)
  }

  @Test("Who an instance is, is made of its account by whoever reads it; whether it is meshed is written")
  func identity() throws {
    var meshed = web
    meshed.isMeshed = true
    let content = try #require(try InstanceRecord.encode([meshed]))
    let domain = try TrustDomain("mesh.test")
    let read = try InstanceRecord.decode(content, namespace: "shop", name: "web", in: domain).instances
    #expect(read.first?.isMeshed == true)
    #expect(read.first?.identity?.description == "spiffe://mesh.test/ns/shop/sa/web")
    let endpoint = try #require(read.first?.endpoints(meshed.ports[0]).first)
    #expect(endpoint.isMeshed && endpoint.identity == read.first?.identity)
  }

  @Test("Equal instances are equal bytes, in whatever order they come")
  func deterministic() throws {
    var other = web
    other.key.instance = "a"
    #expect(try InstanceRecord.encode([web, other]) == InstanceRecord.encode([other, web]))
  }

  @Test("No instance is no content")
  func empty() throws { #expect(try InstanceRecord.encode([]) == nil) }

  @Test("Damaged content is refused or read in part, and never crashes")
  func damage() throws {
    let content = try #require(try InstanceRecord.encode([web]))
    var random = SplitMix64(seed: 0x1257)
    for _ in 0..<2_000 {
      var bytes = content
      for _ in 0...Int(random.next() % 3) {
        bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(random.next() & 0xff)
      }
      guard let read = try? InstanceRecord.decode(bytes, namespace: "shop", name: "web") else { continue }
      for instance in read.instances { #expect(instance.ports.allSatisfy { $0.port > 0 }) }
    }
  }
}
