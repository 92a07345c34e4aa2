import MeshDocuments
import MeshModel
import Testing
import WeftTestKit

@Suite("Damaged documents")
struct MutationTests {
  private let sound = Array(
    """
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: p, namespace: "shop"}
    spec:
      podSelector: &s {matchLabels: {app: web}, matchExpressions: [{key: a, operator: In, values: [b]}]}
      policyTypes: [Ingress, Egress]
      ingress:
        - from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]
          ports: &p
            - {protocol: TCP, port: 80, endPort: 90}
      egress: [{ports: *p}]
    ---
    {"apiVersion": "v1", "kind": "List", "items": []}
    """.utf8
  )

  /// Pieces that mean something to YAML, to put where they were not meant.
  private static let pieces = [
    ": ", "- ", "*p", "&p ", "? ", "{", "}", "[", "]", "\"", "'", "!!int ", "|\n", "\t", "---\n", "\u{0}", "é",
    "<<: *p",
  ]

  @Test("never crash the reader, and each is refused at a place or read: 20,000 seeded mutations")
  func mutations() {
    var random = SplitMix64(seed: 20_261_122)
    var refused = 0
    for _ in 0..<20_000 {
      var bytes = sound
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: index)
        case 2: bytes.insert(contentsOf: (Self.pieces.randomElement(using: &random) ?? "").utf8, at: index)
        default: bytes.removeSubrange(index..<min(bytes.count - 1, index + 30))
        }
      }
      let reading = PolicyDocuments.read([DocumentSource(name: "p.yaml", bytes: bytes)])
      #expect((reading.snapshot == nil) == !reading.errors.isEmpty)
      if reading.snapshot == nil { refused += 1 }
    }
    #expect(refused > 10_000 && refused < 20_000)
  }
}

@Suite("Damaged documents of every kind")
struct KindMutationTests {
  @Test("never crash the reader, and each is refused at a place or read: 6,000 seeded mutations of docs/documents.md")
  func mutations() throws {
    var random = SplitMix64(seed: 20_261_125)
    let examples = try DocumentsPage.examples().map { Array($0.utf8) }
    // Words that mean something to some reader, to put where they were not meant.
    let pieces = [
      "null", "{}", "[]", "''", "[{}]", "true", "-1", "65536", "10.0.0.0/33", "*", "'*'", "request.headers[", "1s",
      "Exact", "RegularExpression", "kind: Service", "%", "\u{7f}", "{\"keys\": 1}",
    ]
    var refused = 0
    for round in 0..<6_000 {
      var bytes = examples[round % examples.count]
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        let end = min(bytes.count, index + Int.random(in: 1...20, using: &random))
        let piece = Array((pieces.randomElement(using: &random) ?? "").utf8)
        bytes.replaceSubrange(index..<(Bool.random(using: &random) ? index : end), with: piece)
      }
      let reading = PolicyDocuments.read([DocumentSource(name: "p.yaml", bytes: bytes)])
      #expect((reading.snapshot == nil) == !reading.errors.isEmpty)
      if let snapshot = reading.snapshot {
        #expect(try Snapshot.decode(snapshot.encode()) == snapshot)
      } else {
        refused += 1
      }
    }
    #expect(refused > 3_000 && refused < 6_000)
  }
}
