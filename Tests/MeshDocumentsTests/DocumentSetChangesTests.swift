import MeshDocuments
import MeshModel
import Testing

@Suite("A change of a set of documents")
struct DocumentSetChangesTests {
  private typealias Of = DocumentSetTests

  private func apply(_ text: String, to set: DocumentSet) -> DocumentChange {
    set.applying(reading(text, file: "new.yaml").documents)
  }

  @Test("says of each document whether it was created, configured or left as it is")
  func outcomes() throws {
    let set = try Of.set(Of.service("a"), Of.service("b"))
    let change = apply(
      [Of.service("c"), Of.service("b", port: 81), Of.service("a")].joined(separator: "---\n"),
      to: set
    )
    #expect(change.outcomes.map(\.action) == [.created, .configured, .unchanged])
    #expect(change.outcomes.map(\.key.name) == ["c", "b", "a"])
    let after = try #require(set.with(change))
    #expect(after.compiled.mesh.services.map { "\($0.name) \($0.ports[0].port)" }.sorted() == ["a 80", "b 81", "c 80"])
    #expect(after.documents.allSatisfy { $0.place == nil })
    #expect(set.documents.count == 2)
  }

  @Test("is refused for what contradicts the mesh, in the file of the new document")
  func refused() throws {
    let set = try Of.set(Of.service("b", "10.0.0.1"), Of.service("c", "10.0.0.2"))
    let change = apply(Of.service("a", "10.0.0.1") + "---\n" + Of.service("d"), to: set)
    #expect(change.isRefused && set.with(change) == nil)
    #expect(change.outcomes.isEmpty)
    #expect(
      change.issues.map(\.description) == [
        "new.yaml:4:19: spec.clusterIP: 10.0.0.1:80 is already an address of service default/b, given in the mesh"
      ]
    )
    // So is a change of what the mesh has, though it would come before the other by name.
    let moved = apply(Of.service("b", "10.0.0.2"), to: set)
    #expect(moved.issues.map(\.file) == ["new.yaml"])
    #expect(moved.isRefused)
    // An address may go from one to another in one change.
    #expect(!apply(Of.service("b", "10.0.0.2") + "---\n" + Of.service("c", "10.0.0.1"), to: set).isRefused)
  }

  @Test("does not fail for documents that were wrong before, and tells of those that have to do with it only")
  func others() throws {
    let broken = MeshDocument(stored: Of.key("UDPRoute", "x"), json: Array(#"{"kind":"UDPRoute"}"#.utf8))
    let set = DocumentSet(
      stored: Of.stored(
        Of.service("a", "10.0.0.1"),
        Of.service("b", "10.0.0.1"),
        Of.route("r", to: "nowhere"),
        Of.route("s", to: "web")
      ) + [broken]
    )
    #expect(set.compiled.issues.count == 4)
    let change = apply(Of.service("other"), to: set)
    #expect(set.with(change)?.compiled.unused == [Of.key("UDPRoute", "x"), Of.key("Service", "b")])
    #expect(change.issues.isEmpty)
    let gone = set.deleting([Of.key("Service", "a")])
    #expect(set.with(gone)?.compiled.unused == [Of.key("UDPRoute", "x")])
  }

  @Test("mends what was left out")
  func mended() throws {
    let set = DocumentSet(stored: Of.stored(Of.service("a", "10.0.0.1"), Of.service("b", "10.0.0.1")))
    let change = apply(Of.service("b", "10.0.0.2"), to: set)
    #expect(set.with(change)?.compiled.unused == [])
    #expect(set.with(change)?.compiled.mesh.services.count == 2)
    let broken = MeshDocument(stored: Of.key("Service", "a"), json: Array("{}".utf8))
    #expect(apply(Of.service("a"), to: DocumentSet(stored: [broken])).outcomes.map(\.action) == [.configured])
  }

  @Test("warns of what it leaves dangling, and of what is dangling in it")
  func dangling() throws {
    let set = try Of.set(Of.service("web"), Of.route("r", to: "web"), Of.slice("s", of: "web", "10.1.0.1"))
    let change = set.deleting([Of.key("Service", "web"), Of.key("Service", "none")])
    #expect(change.outcomes.map(\.action) == [.deleted, .missing])
    #expect(
      change.issues.map(\.description) == [
        "EndpointSlice default/s: warning: metadata.name: belongs to service default/web, which is not given; it is left out",
        "HTTPRoute default/r: warning: spec.parentRefs[0]: service default/web is not given; until it is, nothing goes there",
      ]
    )
    let after = try #require(set.with(change))
    #expect(after.documents.count == 2 && after.compiled.mesh.services.isEmpty)
    let new = apply(Of.route("t", to: "web"), to: after)
    #expect(
      new.issues.map(\.description) == [
        "new.yaml:4:21: warning: spec.parentRefs[0]: service default/web is not given; until it is, nothing goes there"
      ]
    )
    #expect(after.with(new)?.compiled.issues.count == 3)
    #expect(after.with(new)?.compiled.issues.contains { $0.file == "HTTPRoute default/t" && $0.line == 0 } == true)
  }

  @Test("from other hosts is taken as it is")
  func replicated() throws {
    let set = try Of.set(Of.service("a", "10.0.0.1"), Of.service("c"))
    let merged = set.replicating(
      Of.stored(Of.service("b", "10.0.0.1"), Of.service("a", "10.0.0.1")),
      deleting: [Of.key("Service", "c"), Of.key("Service", "d")]
    )
    #expect(merged.documents.map(\.key.name) == ["a", "b"])
    #expect(merged.compiled.unused == [Of.key("Service", "b")])
  }

  @Test("beyond 10,000 documents of a kind is refused; what other hosts write beyond it is left out")
  func bounded() throws {
    let names = (0..<10_000).map { String("s\(100_000 + $0)") }
    let stored = names.map { name in
      MeshDocument(
        stored: Of.key("Service", name),
        json: Array(
          #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"\#(name)"},"spec":{"ports":[{"port":80}]}}"#.utf8
        )
      )
    }
    let set = DocumentSet(stored: stored)
    #expect(set.compiled.unused.isEmpty && set.compiled.mesh.services.count == 10_000)
    let change = apply(Of.service("a"), to: set)
    #expect(
      change.issues.map(\.description)
        == ["new.yaml:3:18: metadata.name: is one service more than the 10000 that a mesh may have"]
    )
    #expect(!apply(Of.service("s100000", port: 81), to: set).isRefused)
    let more = set.replicating(Of.stored(Of.service("a")))
    #expect(more.compiled.unused == [Of.key("Service", "s109999")])

    // Reading 10,000 documents anew takes a hundred times as long as one change; the bound is for slow machines.
    let clock = ContinuousClock()
    let time = clock.measure { _ = apply(Of.service("s100000", port: 82), to: set) }
    #expect(time < .seconds(2), "one change among 10,000 documents took \(time)")
  }
}
