import Foundation
import MeshModel
import Testing
import WeftTestKit

/// Tests/Fuzz/Seeds/Snapshot/mesh.json holds every kind and nearly every field.
@Suite("A snapshot of every kind")
struct MeshSnapshotTests {
  private let text: String

  init() throws {
    let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    text = try String(contentsOf: root.appendingPathComponent("Tests/Fuzz/Seeds/Snapshot/mesh.json"), encoding: .utf8)
  }

  private func decode(_ text: String) throws -> Snapshot { try Snapshot.decode(Array(text.utf8)) }

  @Test("survives being read and written, byte for byte")
  func roundTrip() throws {
    #expect(String(decoding: try decode(text).encode(), as: UTF8.self) == text)
  }

  @Test("keeps its revision from release to release")
  func golden() throws { #expect(try decode(text).revision == "6785b7f3ba46bcb9") }

  @Test("is the same whatever the order of its keys and the space between them")
  func order() throws {
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
    let turned = Self.turned(object)
    #expect(turned.contains("},{") && turned != text)
    #expect(try decode(turned) == decode(text))
  }

  /// JSON with the keys of objects in descending order, and no space.
  private static func turned(_ value: Any) -> String {
    switch value {
    case let object as [String: Any]:
      "{" + object.sorted { $0.key > $1.key }.map { "\(quoted($0.key)):\(turned($0.value))" }.joined(separator: ",")
        + "}"
    case let list as [Any]: "[" + list.map(turned).joined(separator: ",") + "]"
    case let text as String: quoted(text)
    case let number as NSNumber: String(cString: number.objCType) == "c" ? "\(number.boolValue)" : "\(number)"
    default: "null"
    }
  }

  private static func quoted(_ text: String) -> String { "\"\(text)\"" }

  @Test("counts every value in its revision: one that is changed by hand is refused")
  func everyValue() throws {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var changed = 0
    for (index, line) in lines.enumerated() {
      let value = line.split(separator: " : ").last.map(String.init) ?? line
      guard let last = value.lastIndex(where: { $0.isLetter || $0.isNumber }), !value.contains("{"),
        !value.contains("[")
      else { continue }
      var other = value
      other.replaceSubrange(last...last, with: value[last] == "1" ? "2" : "1")
      if value.hasPrefix("true") { other = value.replacing("true", with: "false") }
      var edited = lines
      edited[index] = line.replacingOccurrences(of: value, with: other, options: .backwards)
      #expect(throws: SnapshotError.self, "\(line) -> \(edited[index])") {
        try decode(edited.joined(separator: "\n"))
      }
      changed += 1
    }
    #expect(changed > 120)
  }

  @Test("says which services forward clients, and is what it was where none does")
  func forwardsClients() throws {
    let plain = Service(namespace: "shop", name: "edge")
    var forwarding = plain
    forwarding.forwardsClients = true
    let (one, other) = try (
      Snapshot(policies: [], mesh: MeshConfiguration(services: [plain])),
      Snapshot(policies: [], mesh: MeshConfiguration(services: [forwarding]))
    )
    #expect(try Snapshot.decode(other.encode()) == other)
    #expect(one.revision != other.revision)
    #expect(!String(decoding: try one.encode(), as: UTF8.self).contains("forwardsClients"))
  }

  @Test("never crashes on a damaged file: 3,000 seeded mutations are refused or read")
  func mutations() throws {
    var random = SplitMix64(seed: 20_261_125)
    let bytes = Array(text.utf8)
    var refused = 0
    for _ in 0..<3_000 where (try? Snapshot.decode(random.mutated(bytes))) == nil { refused += 1 }
    #expect(refused > 2_000)
  }

  @Test(
    "is refused where it holds what it cannot mean, at the place",
    arguments: [
      (
        "\"weight\" : 9", "\"weight\" : \"9\"",
        "mesh.routes[0].rules[0].backends[0].weight: has the wrong type; wanted is a whole number"
      ),
      (
        "\"requestMirror\"", "\"requestMiror\"",
        "mesh.routes[0].rules[0].filters[2].requestMiror: unknown key; known are"
      ),
      ("\"crv\" : \"P-256\"", "\"crv\" : \"P-384\"", "keys[0].crv: \"P-384\" is not P-256"),
      ("\"x_FEz", "\"x=FEz", "keys[0].y: is not base64url without padding"),
      ("\"action\" : \"ALLOW\"", "\"action\" : \"CUSTOM\"", "mesh.authorizations[0].action: "),
      ("\"action\" : \"ALLOW\",", "", "mesh.authorizations[0]: key \"action\" is missing"),
      ("destination.port", "destination.prt", "when[2].key: \"destination.prt\" is not a condition's key such as"),
      ("10.1.0.1:8080", "10.1.0.1", "endpoints[0]: \"10.1.0.1 zone=eu-1a\" is not an endpoint such as"),
      ("\"type\" : \"PathPrefix\"", "\"type\" : \"Prefix\"", "matches[0].path.type: "),
      (
        "\"replacePrefixMatch\" :", "\"replaceFullPath\" : \"/\", \"replacePrefixMatch\" :",
        "either whole or by its prefix"
      ),
      (
        "\"service\" : \"web\"\n", "\"service\" : \"web\", \"route\" : \"x\"\n",
        "a target is either a service, a route or a host"
      ),
    ]
  )
  func refusals(part: String, replacement: String, expected: String) throws {
    // The last, so that a key that several kinds have is that of the kind meant.
    let place = try #require(text.range(of: part, options: part.contains("service") ? .backwards : []))
    let edited = text.replacingCharacters(in: place, with: replacement)
    let error = #expect(throws: SnapshotError.self) { try decode(edited) }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
  }
}
