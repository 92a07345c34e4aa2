import MeshModel
import Testing

@testable import MeshDocuments

/// Each change is held against what is tied to it alone; here all of it is held to what comes of looking at everything.
@Suite("A set of documents that changes step by step")
struct DocumentSetStepsTests {
  /// What those hear who are told of effects only.
  private struct Told {
    var services: [ServiceName: Service] = [:]
    var configuration = ConfigurationChange()

    mutating func take(_ effects: DocumentEffects, of set: DocumentSet) {
      for name in effects.services { services[name] = set.service(name) }
      configuration.add(effects.configuration)
    }
  }

  /// The issues of a change that is held against all documents.
  private func issues(_ new: [MeshDocument], without keys: Set<DocumentKey>, in set: DocumentSet) -> Findings {
    let findings = Findings(.change(of: keys))
    let rest = set.documents.filter { !keys.contains($0.key) }.compactMap(\.read)
    _ = Assembly(rest + new.compactMap(\.read), findings)
    return findings
  }

  private func read(_ text: String, file: String) throws -> [MeshDocument] {
    let reading = MeshDocumentsTests.reading(text, file: file)
    try #require(!reading.documents.isEmpty, "\(reading.issues.map(\.description)) in \(text)")
    return reading.documents
  }

  private func expectWhole(_ set: DocumentSet, _ told: Told, _ comment: Comment) {
    let whole = DocumentSet(stored: set.documents)
    let (one, other) = (set.compiled, whole.compiled)
    #expect(one.policies == other.policies, comment)
    #expect(one.mesh == other.mesh, comment)
    #expect(one.headless == other.headless, comment)
    #expect(one.issues == other.issues && one.leftOut == other.leftOut, comment)
    #expect(one.unused == other.unused, comment)
    #expect(set.state.issues == whole.state.issues && set.state.endpoints == whole.state.endpoints, comment)
    #expect(set.counts.filter { $0.value != 0 } == whole.counts, comment)
    #expect(
      Set(set.documents.compactMap(\.read).flatMap(\.ties)) == Set(whole.documents.compactMap(\.read).flatMap(\.ties)),
      comment
    )
    // And what one look at all of them makes, without any index.
    let findings = Findings(.mesh(texts: []))
    let read = set.documents.compactMap(\.read)
    let services = Assembly(read, findings).services.map(\.service)
    let compilation = Compilation(read, without: findings.refused, services)
    #expect(compilation.mesh == one.mesh && compilation.policies == one.policies, comment)

    #expect(
      told.services.values.sorted { $0.fullName < $1.fullName }
        == one.mesh.services.sorted { $0.fullName < $1.fullName },
      comment
    )
    var expected = ConfigurationChange(read, without: findings.refused)
    expected = ConfigurationChange(from: ConfigurationChange(), to: expected)
    #expect(ConfigurationChange(from: told.configuration, to: expected).isEmpty, comment)
  }

  @Test("is at each step what a set made anew is, and tells each difference", arguments: 0..<40)
  func steps(seed: UInt64) throws {
    var random = RandomDocuments(seed: seed)
    var set = DocumentSet.empty
    var told = Told()
    var (taken, refused) = (0, 0)
    for step in 0..<60 {
      let comment: Comment = "seed \(seed), step \(step)"
      switch random.below(4) {
      case 0, 1:
        let documents = try read(random.text(count: 1 + random.below(3)), file: "new.yaml")
        let change = set.applying(documents)
        let changed = documents.filter { set[$0.key]?.json != $0.json }
        let whole = issues(changed, without: Set(changed.map(\.key)), in: set)
        #expect(change.isRefused == whole.issues.hasErrors, comment)
        #expect(change.issues == whole.issues.inOrder(of: ["new.yaml"], others: .max), comment)
        if change.isRefused { refused += 1 } else { taken += 1 }
        told.take(set.take(change), of: set)
      case 2:
        let keys = (0..<(1 + random.below(4))).map { _ in random.key() }
        let change = set.deleting(keys)
        let whole = issues([], without: Set(keys), in: set)
        #expect(change.issues == whole.issues.inOrder(of: [], others: .max), comment)
        told.take(set.take(change), of: set)
      default:
        // Other hosts write what contradicts.
        let documents = try read(random.text(count: 1 + random.below(5)), file: "other.yaml")
        let stored = documents.map { MeshDocument(stored: $0.key, json: $0.json) }
        told.take(set.replicate(stored, deleting: (0..<random.below(3)).map { _ in random.key() }), of: set)
      }
      expectWhole(set, told, comment)
    }
    #expect(taken > 0 && refused > 0, "seed \(seed): \(taken) changes were taken and \(refused) refused")
  }

  @Test("holds a change against what is tied to it, and not against all")
  func neighbourhood() throws {
    let names = (0..<200).map { "s\($0)" }
    let texts = names.enumerated().flatMap { index, name in
      [
        DocumentSetTests.service(name, "10.0.\(index / 100).\(index % 100)"),
        DocumentSetTests.route("r-\(name)", to: name),
        DocumentSetTests.slice("e-\(name)", of: name, "10.1.\(index / 100).\(index % 100)"),
      ]
    }
    let set = DocumentSet(stored: reading(texts.joined(separator: "---\n")).documents)
    let service = try #require(set[DocumentSetTests.key("Service", "s7")]?.read)
    let near = Neighbourhood(of: [service], changing: [service.key], set.ties)
    #expect(near.inOrder.map(\.key.description) == ["EndpointSlice default/e-s7", "HTTPRoute default/r-s7"])
    #expect(near.services == ["default/s7"])
    let route = try #require(set[DocumentSetTests.key("HTTPRoute", "r-s9")]?.read)
    #expect(Neighbourhood(of: [route], changing: [route.key], set.ties).inOrder.isEmpty)
    let slice = try #require(set[DocumentSetTests.key("EndpointSlice", "e-s5")]?.read)
    let others = Neighbourhood(of: [slice], changing: [slice.key], set.ties).inOrder.map(\.key.name)
    #expect(others == ["r-s5", "s5"])
  }

  @Test("tells at most 50 warnings, those of the first documents, and how many more there are")
  func warnings() {
    let routes = (0..<80).map { DocumentSetTests.route("r\(100 + $0)", to: "nowhere") }
    let set = DocumentSet(stored: reading(routes.joined(separator: "---\n")).documents)
    #expect(set.warnings.issues.count == 50 && set.warnings.leftOut == 30)
    #expect(set.warnings.issues.map(\.file) == (0..<50).map { "HTTPRoute default/r\(100 + $0)" })
  }

  @Test("that met a bound on all documents is held against all, until it is within the bound again")
  func bounds() throws {
    let ports = (1...100).map { "{number: \($0), name: p\($0)}" }.joined(separator: ", ")
    let endpoints = (1...250).map { "{address: 10.1.0.\($0)}" }.joined(separator: ", ")
    func entry(_ name: String) -> String {
      "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: \(name)}\n"
        + "spec: {hosts: [\(name)], resolution: STATIC, endpoints: [\(endpoints)], ports: [\(ports)]}\n"
    }
    func stored(_ names: String...) -> [MeshDocument] {
      reading(names.map(entry).joined(separator: "---\n")).documents.map { MeshDocument(stored: $0.key, json: $0.json) }
    }
    var set = DocumentSet(stored: stored("b", "c", "d", "e"))
    #expect(set.state.endpoints == 100_000 && !set.state.areAtBounds)
    #expect(
      set.applying(reading(entry("a"), file: "new.yaml").documents).issues.map(\.message) == [
        "takes all services beyond the 100000 endpoints allowed"
      ]
    )
    set.replicate(stored("a"))
    #expect(set.state.areAtBounds && set.compiled.unused.map(\.name) == ["e"])
    set.replicate([], deleting: stored("b").map(\.key))
    #expect(!set.state.areAtBounds && set.compiled.unused.isEmpty && set.state.endpoints == 100_000)
  }
}
