import Foundation
import MeshDocuments
import MeshModel
import Testing
import WeftTestKit

@Suite("Stored documents")
struct MeshDocumentTests {
  private let key = DocumentKey(kind: "Service", namespace: "default", name: "web")

  private func stored(_ json: String) -> MeshDocument { MeshDocument(stored: key, json: Array(json.utf8)) }

  @Test("are read from their JSON")
  func right() {
    let document = stored(#"{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{}}"#)
    #expect(document.problem == nil)
    #expect(document.place == nil)
    #expect(DocumentSet(stored: [document]).compiled.mesh.services.map(\.fullName) == ["default/web"])
  }

  @Test(
    "that are newer than the program, or broken, have a problem in one line",
    arguments: [
      (
        #"{"apiVersion":"v1","kind":"Servise","metadata":{"name":"web"}}"#,
        #"kind: "Servise" is not supported; did you mean "Service"?"#
      ),
      (#"{"apiVersion":"v2","kind":"Service"}"#, #"apiVersion: "v2" is not the version of Service; wanted is v1"#),
      (
        #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"zigzag":1,"ports":[]}}"#,
        "spec.zigzag: unknown field; known here: "
      ),
      (
        #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"other"},"spec":{}}"#,
        "says that it is Service default/other"
      ),
      ("{", "not YAML: "), (#"{"a": *b}"#, "is not JSON"), ("&a {}", "is not JSON"), (#"{"a": "b}"#, "is not JSON"),
      ("", "it holds no document"),
      ("[]", "is a list; wanted is an object"), ("{}", "kind is missing; known here: "),
      (#"{"apiVersion":"v1","kind":"List","items":[]}"#, "it holds no document"),
    ]
  )
  func wrong(json: String, problem: String) throws {
    let document = stored(json)
    #expect(try #require(document.problem).hasPrefix(problem))
    #expect(document.json == Array(json.utf8))
    let set = DocumentSet(stored: [document])
    #expect(set.documents.count == 1)
    #expect(set.compiled.unused == [key])
    #expect(
      set.compiled.issues.map(\.description) == [
        "Service default/web: warning: is kept and left out: \(document.problem ?? "")"
      ]
    )
  }

  @Test("have texts of any kind, which YAML would take for something else")
  func texts() throws {
    let text = (0..<40).map { " *\($0) &a !t \u{85}\u{2028}\u{feff}\u{1}\"\\" }.joined()
    let escaped = String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
    let document = try meshDocument(
      #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","annotations":{"a":\#(yaml(text))}},"spec":{}}"#
    )
    let again = MeshDocument(stored: document.key, json: document.json)
    #expect(again.problem == nil)
    let object = try JSONSerialization.jsonObject(with: Data(document.json)) as? [String: Any]
    let metadata = object?["metadata"] as? [String: Any]
    #expect((metadata?["annotations"] as? [String: String])?["a"] == text, "\(escaped)")
  }

  /// Double-quoted YAML without anything that looks like an alias.
  private func yaml(_ text: String) -> String {
    "\""
      + text.unicodeScalars.map {
        $0.properties.isAlphabetic
          ? "\($0)"
          : "\\U" + String(repeating: "0", count: 8 - String($0.value, radix: 16).count) + String($0.value, radix: 16)
      }
      .joined() + "\""
  }

  @Test("of more than 256 KiB are not read")
  func bounded() {
    let json = "{\"a\":\"\(String(repeating: "x", count: MeshDocument.maxBytes))\"}"
    #expect(stored(json).problem == "262152 bytes are more than the 262144 allowed")
  }

  @Test("never have an agent open a file that they name")
  func files() {
    let text = """
      apiVersion: security.istio.io/v1
      kind: RequestAuthentication
      metadata: {name: web}
      spec: {jwtRules: [{issuer: a, jwksUri: "file:///etc/passwd"}]}
      """
    #expect(
      reading(text).issues.map(\.description) == [
        "p.yaml:4:40: spec.jwtRules[0].jwksUri: is not supported in the mesh, since other hosts lack the file; write jwks"
      ]
    )
    let json =
      #"{"apiVersion":"security.istio.io/v1","kind":"RequestAuthentication","metadata":{"name":"web"},"spec":{"jwtRules":[{"issuer":"a","jwksUri":"file:///etc/passwd"}]}}"#
    let key = DocumentKey(kind: "RequestAuthentication", namespace: "default", name: "web")
    #expect(
      MeshDocument(stored: key, json: Array(json.utf8)).problem
        == "spec.jwtRules[0].jwksUri: is not supported in the mesh, since other hosts lack the file; write jwks"
    )
  }

  @Test("that are damaged never crash the reader: 5,000 seeded mutations")
  func mutations() throws {
    var random = SplitMix64(seed: 20_261_126)
    let sources = try DocumentsPage.examples().map { DocumentSource(name: "p.yaml", bytes: Array($0.utf8)) }
    let documents = DocumentSet.reading(sources).documents
    let pieces = ["*", "&a", "{", "}", "\"", "\\", "null", "[[[[", "\u{0}", "1e999", ": ", "\u{ff}"]
    var unreadable = 0
    for round in 0..<5_000 {
      let document = documents[round % documents.count]
      var json = document.json
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        let index = Int.random(in: 0..<json.count, using: &random)
        let piece = Array((pieces.randomElement(using: &random) ?? "").utf8)
        json.replaceSubrange(index..<min(json.count, index + Int.random(in: 0...2, using: &random)), with: piece)
      }
      if MeshDocument(stored: document.key, json: json).problem != nil { unreadable += 1 }
    }
    #expect(unreadable > 2_500 && unreadable < 5_000)
  }
}
