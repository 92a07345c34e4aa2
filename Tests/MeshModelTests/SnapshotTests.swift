import MeshModel
import Testing
import WeftTestKit

@Suite("A snapshot")
struct SnapshotTests {
  private func sample() throws -> Snapshot {
    let ten = try #require(IPPrefix("10.0.0.0/8"))
    let hole = try #require(IPPrefix("10.1.0.0/16"))
    let block = try #require(IPBlock(ten, except: [hole]))
    let selector = LabelSelector(
      matchLabels: ["app": "web"],
      matchExpressions: [.isIn(key: "tier", values: ["a", "b"]), .doesNotExist(key: "legacy")]
    )
    return try Snapshot(policies: [
      NetworkPolicy(
        namespace: "shop",
        name: "web",
        podSelector: selector,
        ingress: [
          .init(ipBlocks: [block], ports: [PortMatch(.tcp, 80...80), PortMatch(.udp), PortMatch(.tcp, 90...99)])
        ]
      ),
      NetworkPolicy(namespace: "default", name: "deny", ingress: [], egress: [.init()]),
    ])
  }

  private func message(_ text: String) -> String {
    do {
      _ = try Snapshot.decode(Array(text.utf8))
      return "accepted"
    } catch {
      return error.description
    }
  }

  private func text(_ edit: (String) -> String = { $0 }) throws -> String {
    edit(String(decoding: try sample().encode(), as: UTF8.self))
  }

  @Test("survives being written and read")
  func roundTrip() throws {
    let snapshot = try sample()
    #expect(try Snapshot.decode(snapshot.encode()) == snapshot)
    #expect(try Snapshot.decode(Snapshot.empty.encode()) == Snapshot(policies: []))
  }

  @Test("orders policies, so that its revision and bytes do not depend on the order they came in")
  func ordered() throws {
    let snapshot = try sample()
    #expect(snapshot.policies.map(\.fullName) == ["default/deny", "shop/web"])
    let turned = try Snapshot(policies: snapshot.policies.reversed())
    #expect(turned.revision == snapshot.revision)
    #expect(try turned.encode() == snapshot.encode())
  }

  @Test("has another revision for other content")
  func revision() throws {
    let one = try Snapshot(policies: [NetworkPolicy(namespace: "a", name: "p", ingress: [])])
    let other = try Snapshot(policies: [NetworkPolicy(namespace: "a", name: "p", egress: [])])
    #expect(one.revision != other.revision)
    #expect(one.revision.count == 16)
  }

  @Test(
    "refuses what it does not know or cannot mean, naming the place",
    arguments: [
      (
        "\"app\" : \"web\"", "\"app\" : \"we b\"",
        "snapshot: policies[1].podSelector.matchLabels: \"we b\" is not a label value"
      ),
      (
        "\"10.0.0.0/8\"", "\"10.0.0.0\"",
        "snapshot: policies[1].ingress[0].ipBlocks[0].cidr: \"10.0.0.0\" is not a CIDR block such as 10.0.0.0/8 or 2001:db8::/32"
      ),
      (
        "\"10.1.0.0/16\"", "\"11.1.0.0/16\"",
        "snapshot: policies[1].ingress[0].ipBlocks[0].except: holds a block that does not lie in 10.0.0.0/8"
      ),
      (
        "\"port\" : 80", "\"port\" : \"80\"",
        "snapshot: policies[1].ingress[0].ports[0].port: has the wrong type; wanted is a whole number"
      ),
      (
        "\"port\" : 80", "\"port\" : 0",
        "snapshot: policies[1].ingress[0].ports[0]: port 0 cannot be matched; ports are 1 to 65535"
      ),
      ("\"endPort\" : 99", "\"endPort\" : 9", "snapshot: policies[1].ingress[0].ports[2].endPort: is less than port"),
      (
        "\"name\" : \"web\"", "\"name\" : \"web\", \"nmae\" : 1",
        "snapshot: policies[1].nmae: unknown key; known are egress, ingress, name, namespace, podSelector, policyTypes"
      ),
      ("\"name\" : \"web\",", "", "snapshot: policies[1]: key \"name\" is missing"),
      ("\"name\" : \"web\"", "\"name\" : \"wed\"", "compile it again"),
      (
        "\"formatVersion\" : 2", "\"formatVersion\" : 1",
        "snapshot: formatVersion: 1 is not 2, the version this program reads"
      ),
      (
        "\"DoesNotExist\"", "\"In\"",
        "snapshot: policies[1].podSelector.matchExpressions[1].operator: \"In\" with 0 values is no requirement"
      ),
      ("\"Egress\"", "\"Ingress\"", "does not agree with the rules"),
    ]
  )
  func refuses(part: String, replacement: String, wanted: String) throws {
    let bad = try text { $0.replacing(part, with: replacement, maxReplacements: 1) }
    #expect(message(bad).contains(wanted), "\(message(bad))")
  }

  @Test(
    "refuses bytes that are no snapshot",
    arguments: ["", "{", "[]", "null", "1", "\"x\"", "{\"policies\":[]}", "\u{0}"]
  )
  func notASnapshot(text: String) { #expect(message(text).hasPrefix("snapshot: ")) }

  @Test("refuses a file beyond its bound, and JSON nested beyond reason")
  func bounds() throws {
    #expect(
      message(String(repeating: " ", count: SnapshotLimits.maxFileBytes + 1)).contains("more than the 67108864 allowed")
    )
    #expect(message(String(repeating: "[", count: 1_000_000)).hasPrefix("snapshot: "))
    let many = (0...SnapshotLimits.maxPolicies).map { NetworkPolicy(namespace: "a", name: "p\($0)", ingress: []) }
    #expect(throws: SnapshotError.self) { try Snapshot(policies: many) }
  }

  @Test("keeps the revision of known content from release to release")
  func golden() throws {
    #expect(Snapshot.empty.revision == "a47cdca619f3b256")
    let revision = try sample().revision
    #expect(revision == "6c8e32b9ea5b4ade")
  }

  @Test("refuses two policies of one name")
  func duplicates() {
    let policy = NetworkPolicy(namespace: "a", name: "p", ingress: [])
    #expect(throws: SnapshotError.self) { try Snapshot(policies: [policy, policy]) }
  }

  @Test("never crashes on a damaged file: 5,000 seeded mutations are refused or read")
  func mutations() throws {
    var random = SplitMix64(seed: 20_261_122)
    let bytes = try sample().encode()
    var refused = 0
    for _ in 0..<5_000 {
      if (try? Snapshot.decode(random.mutated(bytes))) == nil { refused += 1 }
    }
    #expect(refused > 4_000)
  }
}
