import MeshDocuments
import MeshModel
import Testing

@Suite("A set of documents")
struct DocumentSetTests {
  static func service(_ name: String, _ address: String = "", port: Int = 80) -> String {
    let address = address.isEmpty ? "" : "clusterIP: \(address), "
    return "apiVersion: v1\nkind: Service\nmetadata: {name: \(name)}\nspec: {\(address)ports: [{port: \(port)}]}\n"
  }

  static func route(_ name: String, to service: String) -> String {
    "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: \(name)}\n"
      + "spec: {parentRefs: [{group: \"\", kind: Service, name: \(service)}]}\n"
  }

  static func slice(_ name: String, of service: String, _ addresses: String...) -> String {
    let endpoints = addresses.map { "{addresses: [\($0)]}" }.joined(separator: ", ")
    return "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
      + "metadata: {name: \(name), labels: {kubernetes.io/service-name: \(service)}}\n"
      + "addressType: IPv4\nports: [{port: 8080}]\nendpoints: [\(endpoints)]\n"
  }

  /// A set of these documents, which are all taken.
  static func set(_ texts: String...) throws -> DocumentSet {
    try #require(DocumentSet.empty.with(reading(texts.joined(separator: "---\n")).documents))
  }

  /// The documents as another host would send them.
  static func stored(_ texts: String...) -> [MeshDocument] {
    reading(texts.joined(separator: "---\n")).documents.map { MeshDocument(stored: $0.key, json: $0.json) }
  }

  static func key(_ kind: String, _ name: String) -> DocumentKey {
    DocumentKey(kind: kind, namespace: "default", name: name)
  }

  @Test("is read from files, each document with its place, lists unrolled")
  func read() throws {
    let list =
      "{apiVersion: v1, kind: ServiceList, items: [{apiVersion: v1, kind: Service, metadata: {name: b}, spec: {}}]}"
    let found = reading("\(Self.service("a"))---\n\(list)")
    #expect(found.documents.map(\.key.description) == ["Service default/a", "Service default/b"])
    #expect(found.documents.map { $0.place?.line } == [3, 6])
    #expect(found.documents.map { $0.place?.column } == [18, 94])
    #expect(
      String(decoding: found.documents[1].json, as: UTF8.self)
        == #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"b"},"spec":{}}"#
    )
  }

  @Test("takes nothing of sources of which one is wrong")
  func allOrNothing() {
    let found = reading("\(Self.service("a"))---\nkind: UDPRoute\n")
    #expect(found.documents.isEmpty)
    #expect(found.issues.first?.description.hasPrefix("p.yaml:6:7: kind: \"UDPRoute\" is not supported; ") == true)
  }

  @Test("holds its documents in order, and finds each")
  func ordered() throws {
    let set = try Self.set(Self.service("c"), Self.route("r", to: "a"), Self.service("a"), Self.service("b"))
    #expect(set.documents.map(\.key.name) == ["r", "a", "b", "c"])
    for document in set.documents { #expect(set[document.key]?.json == document.json) }
    #expect(set[Self.key("Service", "d")] == nil && set[Self.key("A", "a")] == nil && set[Self.key("Z", "a")] == nil)
  }

  @Test("compiles to what the same files compile to")
  func same() throws {
    let texts = try DocumentsPage.examples()
    let sources = texts.enumerated().map { DocumentSource(name: "\($0.offset).yaml", bytes: Array($0.element.utf8)) }
    let set = try #require(DocumentSet.empty.with(DocumentSet.reading(sources).documents))
    let snapshot = try Snapshot(policies: set.compiled.policies, mesh: set.compiled.mesh)
    #expect(snapshot.revision == PolicyDocuments.read(sources).snapshot?.revision)
    #expect(set.compiled.issues.map(\.description) == [])
    #expect(set.compiled.unused.isEmpty)
  }

  @Test("leaves out, of stored documents that contradict each other, the same on every host")
  func contradictions() throws {
    let documents = Self.stored(
      Self.service("b", "10.0.0.1"),
      Self.service("a", "10.0.0.1"),
      Self.slice("s", of: "b", "10.1.0.1"),
      Self.route("r", to: "b")
    )
    for stored in [documents, documents.reversed()] {
      let set = DocumentSet(stored: stored)
      #expect(set.documents.count == 4)
      #expect(set.compiled.unused == [Self.key("Service", "b")])
      #expect(set.compiled.mesh.services.map(\.name) == ["a"])
      #expect(
        set.compiled.issues.map(\.description).sorted() == [
          "EndpointSlice default/s: warning: metadata.name: belongs to service default/b, which is not given; it is left out",
          "HTTPRoute default/r: warning: spec.parentRefs[0]: service default/b is not given; until it is, nothing goes there",
          "Service default/b: warning: spec.clusterIP: 10.0.0.1:80 is already an address of service default/a, "
            + "given in the mesh; service default/b is left out",
        ]
      )
      #expect(throws: Never.self) { try Snapshot(policies: set.compiled.policies, mesh: set.compiled.mesh) }
    }
  }

  @Test("takes of the documents with one key the last")
  func last() {
    let set = DocumentSet(stored: Self.stored(Self.service("a", port: 1)) + Self.stored(Self.service("a", port: 2)))
    #expect(set.compiled.mesh.services.flatMap { $0.ports.map(\.port) } == [2])
  }
}
