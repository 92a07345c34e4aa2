import Foundation
import Glibc
import MeshDocuments
import MeshModel
import Testing

@Suite("Document files")
final class DocumentFilesTests {
  private let directory: String

  init() throws {
    // Named so that the integration tests' janitor takes away what a killed run leaves.
    let place = FileManager.default.temporaryDirectory
      .appendingPathComponent("wt-\(getpid())-documents-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    directory = place.path
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  private func write(_ name: String, _ text: String) throws {
    let path = "\(directory)/\(name)"
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent,
      withIntermediateDirectories: true
    )
    try text.write(toFile: path, atomically: false, encoding: .utf8)
  }

  private func named(_ name: String) -> String {
    policy("spec: {podSelector: {}}").replacing("name: p", with: "name: \(name)")
  }

  private func messages() -> [String] {
    PolicyDocuments.read(paths: [directory]).issues.map { $0.description.replacing(directory, with: "DIR") }
  }

  @Test("are found below a directory by their endings, hidden ones left out")
  func found() throws {
    for name in ["a.yaml", "b/c/d.yml", "e.json", "notes.txt", ".hidden.yaml", "..data/f.yaml"] {
      try write(name, named(name.replacing("/", with: "-").replacing("..", with: "x").lowercased()))
    }
    let reading = PolicyDocuments.read(paths: [directory])
    #expect(reading.issues.isEmpty)
    #expect(reading.snapshot?.policies.map(\.name) == ["a.yaml", "b-c-d.yml", "e.json"])
    #expect(reading.files == 3)
  }

  @Test("may be named one by one, whatever they are called, and twice is once too often")
  func single() throws {
    try write("policy", named("p"))
    let path = "\(directory)/policy"
    #expect(PolicyDocuments.read(paths: [path]).snapshot?.policies.count == 1)
    #expect(PolicyDocuments.read(paths: [path, path]).snapshot == nil)
  }

  @Test("are followed through links as Kubernetes mounts them, but no further")
  func links() throws {
    try write("..data/p.yaml", named("p"))
    try FileManager.default.createSymbolicLink(atPath: "\(directory)/p.yaml", withDestinationPath: "..data/p.yaml")
    #expect(PolicyDocuments.read(paths: [directory]).snapshot?.policies.map(\.name) == ["p"])
    try FileManager.default.createSymbolicLink(atPath: "\(directory)/q.yaml", withDestinationPath: "nowhere")
    try FileManager.default.createSymbolicLink(atPath: "\(directory)/r.yaml", withDestinationPath: ".")
    #expect(
      messages() == ["DIR/q.yaml: is a link to nothing", "DIR/r.yaml: is a link to a directory, which is not followed"]
    )
  }

  @Test("that are pipes do not block")
  func pipes() throws {
    try #require(mkfifo("\(directory)/p.yaml", 0o600) == 0)
    #expect(messages() == ["DIR/p.yaml: is not a regular file"])
  }

  @Test("that are missing are an error, and so is a directory without any")
  func missing() {
    #expect(messages() == ["DIR: holds no file that ends in .yaml, .yml, .json"])
    #expect(
      PolicyDocuments.read(paths: ["/nonexistent/x"]).issues.map(\.description)
        == ["/nonexistent/x: there is no such file or directory"]
    )
  }
}
