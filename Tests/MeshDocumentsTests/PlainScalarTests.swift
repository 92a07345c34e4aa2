import Testing

@testable import MeshDocuments

@Suite("Plain YAML values")
struct PlainScalarTests {
  @Test(
    "are to us what they are to Kubernetes",
    arguments: [
      ("web", PlainScalar.Kind.text), ("v1.2.3", .text), ("1.2.3", .text), ("10.0.0.0/8", .text), ("e3", .text),
      ("2001-01-01", .text), ("::1", .text), ("-", .text), (".", .text), ("nano", .text), ("0xzz", .text),
      ("", .null), ("~", .null), ("Null", .null), ("nULL", .text),
      ("yes", .boolean), ("Off", .boolean), ("n", .boolean), ("TRUE", .boolean), ("tRUE", .text),
      ("7", .number), ("-7", .number), ("+7", .number), ("1.10", .number), ("1e3", .number), (".5", .number),
      ("0x1f", .number), ("0b11", .number), ("0o17", .number), ("1_000", .number), (".inf", .number), (".NaN", .number),
    ]
  )
  func kinds(text: String, expected: PlainScalar.Kind) { #expect(PlainScalar.kind(text) == expected) }

  @Test(
    "are whole numbers only in the form that has one meaning",
    arguments: [
      ("0", 0), ("80", 80), ("-1", -1), ("080", nil), ("0x50", nil), ("8_0", nil), ("8.0", nil), ("", nil), ("-", nil),
      ("99999999999999999999", nil), ("--1", nil), ("८", nil),
    ] as [(String, Int?)]
  )
  func integers(text: String, expected: Int?) { #expect(PlainScalar.integer(text) == expected) }
}

@Suite("A suggestion")
struct SuggestionTests {
  private let known = ["ingress", "egress", "policyTypes", "podSelector", "to"]

  @Test(
    "is what was probably meant, or nothing",
    arguments: [
      ("ingres", "ingress"), ("Egress", "egress"), ("igress", "egress"), ("policyType", "policyTypes"),
      ("podSelctor", "podSelector"), ("opdSelector", "podSelector"), ("status", nil), ("", nil), ("ot", "to"),
    ] as [(String, String?)]
  )
  func closest(word: String, expected: String?) { #expect(Suggestion.closest(to: word, among: known) == expected) }

  @Test("is not looked for where the word is beyond reason")
  func long() { #expect(Suggestion.closest(to: String(repeating: "a", count: 100_000), among: known) == nil) }
}
