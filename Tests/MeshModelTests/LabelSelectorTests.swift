import MeshModel
import Testing

@Suite("A label selector")
struct LabelSelectorTests {
  private let labels = ["app": "web", "tier": "front"]

  @Test("selects all when it is empty")
  func empty() {
    #expect(LabelSelector().selects(labels))
    #expect(LabelSelector().selects([:]))
  }

  @Test(
    "means by each operator what Kubernetes means",
    arguments: [
      (LabelSelector.Requirement.isIn(key: "app", values: ["web", "db"]), true),
      (.isIn(key: "app", values: ["db"]), false), (.isIn(key: "zone", values: ["a"]), false),
      (.isNotIn(key: "app", values: ["web"]), false), (.isNotIn(key: "app", values: ["db"]), true),
      (.isNotIn(key: "zone", values: ["a"]), true), (.exists(key: "app"), true), (.exists(key: "zone"), false),
      (.doesNotExist(key: "app"), false), (.doesNotExist(key: "zone"), true),
    ]
  )
  func operators(requirement: LabelSelector.Requirement, expected: Bool) {
    #expect(LabelSelector(matchExpressions: [requirement]).selects(labels) == expected)
  }

  @Test("wants every label and every requirement")
  func conjunction() {
    let selector = LabelSelector(matchLabels: ["app": "web"], matchExpressions: [.exists(key: "zone")])
    #expect(selector.firstMismatch(labels) == "label zone is wanted, and it is absent")
    #expect(
      LabelSelector(matchLabels: ["app": "db"]).firstMismatch(labels) == "label app=db is wanted, and it is web"
    )
  }
}

@Suite("Label syntax")
struct LabelSyntaxTests {
  @Test("accepts keys as Kubernetes does", arguments: ["a", "A", "a.b_c-d", "example.com/app", "0", "k8s.io/a"])
  func keys(text: String) { #expect(LabelSyntax.isKey(text)) }

  @Test(
    "refuses other keys",
    arguments: ["", "-a", "a-", "a/b/c", "/a", "a/", "A.com/a", "a b", "é", String(repeating: "a", count: 64)]
  )
  func notKeys(text: String) { #expect(!LabelSyntax.isKey(text)) }

  @Test("bounds values and names")
  func bounds() {
    #expect(LabelSyntax.isValue("") && LabelSyntax.isValue(String(repeating: "a", count: 63)))
    #expect(!LabelSyntax.isValue(String(repeating: "a", count: 64)) && !LabelSyntax.isValue("a/b"))
    #expect(LabelSyntax.isSubdomain("a.b-c.d0") && !LabelSyntax.isSubdomain("a..b") && !LabelSyntax.isSubdomain("A"))
    #expect(!LabelSyntax.isSubdomain(String(repeating: "a", count: 254)))
  }
}
