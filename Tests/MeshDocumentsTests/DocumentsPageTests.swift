import Foundation
import MeshDocuments
import MeshModel
import Testing

/// docs/documents.md, and other files of the repository these tests were built from.
enum DocumentsPage {
  private static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// The fenced YAML of the page, one text for each fence.
  static func examples() throws -> [String] {
    try text("docs/documents.md").components(separatedBy: "```yaml\n").dropFirst().map {
      $0.components(separatedBy: "```")[0]
    }
  }
}

/// docs/documents.md is what people copy from.
@Suite("The page docs/documents.md")
struct DocumentsPageTests {
  private static func reading(first count: Int = .max) throws -> DocumentReading {
    PolicyDocuments.read(
      try DocumentsPage.examples().prefix(count).enumerated().map {
        DocumentSource(name: "\($0.offset).yaml", bytes: Array($0.element.utf8))
      }
    )
  }

  @Test("has examples that are right together, without a warning")
  func right() throws {
    let reading = try Self.reading()
    #expect(reading.issues.map(\.description) == [])
    #expect(reading.files == 14)
    let mesh = try #require(reading.snapshot?.mesh)
    #expect(mesh.services.map(\.fullName) == ["shop/billing", "shop/edge", "shop/vault", "shop/web", "shop/web-next"])
    #expect(mesh.routes.map(\.key) == ["shop/billing (GRPCRoute)", "shop/vault (TLSRoute)", "shop/web"])
    let names = [
      mesh.routes.filter { $0.kind == .http }.map(\.fullName), mesh.authorizations.map(\.fullName),
      mesh.authentications.map(\.fullName),
      Array(mesh.traffic.map(\.fullName).dropFirst()), mesh.telemetry.map(\.fullName), mesh.sidecars.map(\.fullName),
    ]
    #expect(mesh.traffic.map(\.fullName) == ["shop/billing", "shop/web"])
    #expect(mesh.peerAuthentications.map(\.fullName) == ["shop/web"])
    #expect(names == Array(repeating: ["shop/web"], count: 5) + [["shop/default"]])
  }

  @Test("has nine examples first whose snapshot is that of Tests/Fuzz/Seeds/Snapshot/mesh.json, byte for byte")
  func golden() throws {
    let snapshot = try #require(try Self.reading(first: 9).snapshot)
    let wanted = try DocumentsPage.text("Tests/Fuzz/Seeds/Snapshot/mesh.json")
    #expect(String(decoding: try snapshot.encode(), as: UTF8.self) == wanted)
    #expect(try Snapshot.decode(Array(wanted.utf8)) == snapshot)
  }

  @Test("has examples that mean the same in whatever order they come")
  func order() throws {
    let parts = try DocumentsPage.examples().flatMap { $0.components(separatedBy: "---\n") }
    let turned = PolicyDocuments.read([
      DocumentSource(name: "p.yaml", bytes: Array(parts.reversed().joined(separator: "\n---\n").utf8))
    ])
    #expect(turned.snapshot?.revision == (try Self.reading().snapshot?.revision))
  }

  @Test("names every kind, and the versions in which it is read, in its first table")
  func kinds() throws {
    let page = try DocumentsPage.text("docs/documents.md")
    let refusal = try #require(read("kind: X").issues.first?.message)
    let kinds = try #require(refusal.components(separatedBy: "known here: ").last).components(separatedBy: ", ")
    #expect(kinds.count == 16)
    for kind in kinds where kind != "List" { #expect(page.contains("| [\(kind)]("), "\(kind)") }
  }
}
