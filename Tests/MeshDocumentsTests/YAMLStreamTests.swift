import MeshDocuments
import MeshModel
import Testing

@Suite("YAML files")
struct YAMLStreamTests {
  @Test(
    "that are no YAML are refused with line and column",
    arguments: [
      (
        "a: [1\nb: 2",
        "p.yaml:2:2: not YAML: did not find expected ',' or ']' (while parsing a flow sequence, which began at 1:4)"
      ),
      ("a: b: c", "p.yaml:1:5: not YAML: mapping values are not allowed in this context"),
      ("a: *b", "p.yaml:1:4: not YAML: found undefined alias"),
      ("a: \u{1}", "p.yaml:1:4: not YAML: control characters are not allowed"),
      ("kind: x\nspec: 1\nkind: y", "p.yaml:1:1: \"kind\" is given more than once in one object; this is the first"),
    ]
  )
  func syntax(text: String, expected: String) { #expect(issues(text) == [expected]) }

  @Test("that are not UTF-8 are refused")
  func encoding() {
    let reading = PolicyDocuments.read([DocumentSource(name: "p.yaml", bytes: [0x61, 0xff, 0xfe])])
    #expect(reading.issues.map(\.description) == ["p.yaml: is not UTF-8 text"])
  }

  @Test("may use a few aliases")
  func aliases() {
    let text = policy("spec: {podSelector: {}, ingress: [{ports: &p [{port: 80}]}], egress: [{ports: *p}]}")
    #expect(read(text).snapshot?.policies.first?.egress?.first?.ports.count == 1)
  }

  @Test("whose aliases multiply, or whose nesting has no end, are refused at once")
  func bombs() {
    var laughs = "a0: &a0 [x, x]\n"
    for level in 1...30 { laughs += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
    #expect(issues(laughs + "? *a30\n: 1\n") == ["p.yaml: uses more than 8 YAML aliases (*name); write the values out"])
    #expect(issues(String(repeating: "[", count: 100_000)).first?.hasPrefix("p.yaml:1:") == true)
    #expect(issues(String(repeating: "- ", count: 100_000)).first?.hasPrefix("p.yaml:1:") == true)
  }

  @Test("beyond the bound of a file are refused")
  func size() {
    let big = [UInt8](repeating: UInt8(ascii: "#"), count: DocumentSource.maxBytes + 1)
    let reading = PolicyDocuments.read([DocumentSource(name: "p.yaml", bytes: big)])
    #expect(reading.issues.map(\.description) == ["p.yaml: has more than the 4194304 bytes allowed"])
  }
}
