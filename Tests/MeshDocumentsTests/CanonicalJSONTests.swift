import MeshDocuments
import MeshModel
import Testing

/// Reads sources called p.yaml to documents of a mesh.
func reading(_ text: String, file: String = "p.yaml") -> MeshDocumentReading {
  DocumentSet.reading([DocumentSource(name: file, bytes: Array(text.utf8))])
}

/// The only document of a text.
func meshDocument(_ text: String, file: String = "p.yaml") throws -> MeshDocument {
  let reading = reading(text, file: file)
  #expect(reading.issues.filter { $0.severity == .error }.map(\.description) == [])
  return try #require(reading.documents.count == 1 ? reading.documents.first : nil)
}

@Suite("Documents as JSON")
struct CanonicalJSONTests {
  /// A service with these annotations, as JSON of the annotations.
  private func annotations(_ yaml: String) throws -> String {
    let document = try meshDocument(
      "apiVersion: v1\nkind: Service\nmetadata: {name: a, annotations: \(yaml)}\nspec: {}"
    )
    let json = String(decoding: document.json, as: UTF8.self)
    let start = #"{"apiVersion":"v1","kind":"Service","metadata":{"annotations":"#
    let end = #","name":"a"},"spec":{}}"#
    try #require(json.hasPrefix(start) && json.hasSuffix(end), "\(json)")
    return String(json.dropFirst(start.count).dropLast(end.count))
  }

  @Test(
    "have their values' types as Kubernetes reads them",
    arguments: [
      ("{a: b}", #"{"a":"b"}"#),
      ("{a: 'true', b: true, c: yes, d: off, e: n}", #"{"a":"true","b":true,"c":true,"d":false,"e":false}"#),
      ("{a: ~, b: , c: null, d: ''}", #"{"a":null,"b":null,"c":null,"d":""}"#),
      (
        "{a: 1, b: -1.50, c: 1e3, d: '1', e: 99999999999999999999}",
        #"{"a":1,"b":-1.50,"c":1e3,"d":"1","e":99999999999999999999}"#
      ),
      ("{a: 0x1F, b: +5, c: 1_000, d: .5, e: 0o17, f: 017}", #"{"a":31,"b":5,"c":1000,"d":0.5,"e":15,"f":17}"#),
      ("{b: [], a: {}, c: [1, [x]]}", #"{"a":{},"b":[],"c":[1,["x"]]}"#), ("{1: a, true: b}", #"{"1":"a","true":"b"}"#),
      (#"{a: "\t\"\\\n\u0085\u2028é\U0001F600 *x"}"#, #"{"a":"\u0009\"\\\n\u0085\u2028é😀 *x"}"#),
    ]
  )
  func types(yaml: String, json: String) throws { #expect(try annotations(yaml) == json) }

  @Test("are the same for the same content, however it is written")
  func same() throws {
    let block =
      "kind: Service\nmetadata:\n  name: a\n  labels: &l {x: z}\n  annotations: *l\napiVersion: v1\nspec: {}\n"
    let json =
      #"{"apiVersion": "v1", "kind": "Service", "metadata": {"annotations": {"x": "z"}, "labels": {"x": "z"}, "name": "a"}, "spec": {}}"#
    #expect(try meshDocument(block).json == meshDocument(json).json)
    #expect(
      try meshDocument(String(decoding: meshDocument(block).json, as: UTF8.self)).json == meshDocument(block).json
    )
  }

  @Test(
    "refuse what JSON cannot say, at its place",
    arguments: [
      ("{a: .inf}", ".inf is no number in JSON"),
      ("{a: !!int '5'}", "the tag tag:yaml.org,2002:int is not supported; leave it out"),
      ("{<<: {a: b}}", "merging objects by << is not supported; write the values out"),
      ("{\(String(repeating: "k", count: 600)): b}", "has a key of more than 512 bytes"),
      (
        "{a: \(String(repeating: "[", count: 80))\(String(repeating: "]", count: 80))}",
        "is nested deeper than 64 levels"
      ),
    ]
  )
  func refused(yaml: String, message: String) {
    let reading = reading("apiVersion: v1\nkind: Service\nmetadata: {name: a, annotations: \(yaml)}\nspec: {}")
    #expect(reading.issues.map(\.message) == [message])
    #expect(reading.issues.first?.line == 3)
    #expect(reading.documents.isEmpty)
  }

  @Test("have 256 KiB at most")
  func bounded() throws {
    func text(_ count: Int) -> String {
      "apiVersion: v1\nkind: Service\nmetadata: {name: a, annotations: {a: \(String(repeating: "x", count: count))}}\nspec: {}"
    }
    let frame = try meshDocument(text(1)).json.count - 1
    #expect(try meshDocument(text(MeshDocument.maxBytes - frame)).json.count == MeshDocument.maxBytes)
    #expect(
      reading(text(MeshDocument.maxBytes - frame + 1)).issues.map(\.description)
        == ["p.yaml:1:1: has more than the 262144 bytes that a document may have"]
    )
  }

  @Test("of the examples of docs/documents.md are read from their JSON as they were from YAML")
  func examples() throws {
    let sources = try DocumentsPage.examples().map { DocumentSource(name: "p.yaml", bytes: Array($0.utf8)) }
    let documents = DocumentSet.reading(sources).documents
    #expect(documents.count > 10)
    let stored = documents.map { MeshDocument(stored: $0.key, json: $0.json) }
    #expect(stored.compactMap(\.problem) == [])
    let set = try #require(DocumentSet.empty.with(documents))
    let other = DocumentSet(stored: stored)
    #expect(set.compiled.mesh == other.compiled.mesh)
    #expect(set.compiled.issues == other.compiled.issues)
    #expect(set.compiled.mesh.services.count == 5)
  }
}
