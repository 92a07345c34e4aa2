import FoundationEssentials
import MeshAPI
import Testing

@testable import weft

@Suite("What weft prints of changes of documents")
struct CommandLineChangesTests {
  private static func key(_ kind: String, _ name: String) -> Weft_Agent_V1_ObjectKey {
    var key = Weft_Agent_V1_ObjectKey()
    key.kind = kind
    key.namespace = "shop"
    key.name = name
    return key
  }

  private static func reply(
    _ outcomes: (kind: String, name: String, action: Weft_Agent_V1_ApplyReply.Action, replaced: [String])...
  ) -> Weft_Agent_V1_ApplyReply {
    var reply = Weft_Agent_V1_ApplyReply()
    reply.outcomes = outcomes.map { one in
      var outcome = Weft_Agent_V1_ApplyReply.Outcome()
      outcome.key = key(one.kind, one.name)
      outcome.action = one.action
      outcome.replaced = one.replaced
      return outcome
    }
    return reply
  }

  @Test("is a line for each, as kubectl says it, with the hosts whose writes were replaced")
  func lines() {
    let reply = Self.reply(
      ("AuthorizationPolicy", "allow-web", .created, []),
      ("Service", "web", .configured, ["b", "c\u{1b}"]),
      ("Service", "db", .unchanged, []),
      ("Service", "old", .deleted, ["b"]),
      ("UDPRoute", "x", .missing, [])
    )
    #expect(
      ChangeReport(reply, isDryRun: false).text(.plain) == """
        authorizationpolicy.security.istio.io/allow-web created
        service/web configured; replaced concurrent writes of host b, host c\\u{1b}
        service/db unchanged
        service/old deleted; replaced a concurrent write of host b
        udproute/x not found

        """
    )
    #expect(ChangeReport(reply, isDryRun: false).hasMissing)
    #expect(
      ChangeReport(Self.reply(("Service", "web", .configured, ["b"])), isDryRun: true).text(.plain)
        == "service/web configured (dry run); would replace a concurrent write of host b\n"
    )
  }

  @Test("has issues as editors know how to follow, and is refused for errors only")
  func issues() {
    var reply = Self.reply()
    var issue = Weft_Agent_V1_Issue()
    issue.file = "a.yaml"
    issue.line = 3
    issue.column = 7
    issue.message = "spec.ports: wrong"
    reply.issues = [issue]
    let report = ChangeReport(reply, isDryRun: false)
    #expect(report.isRefused)
    #expect(report.issues.map(\.text) == ["a.yaml:3:7: spec.ports: wrong"])
    issue.isWarning = true
    issue.file = "Service shop/web"
    issue.line = 0
    reply.issues = [issue]
    #expect(!ChangeReport(reply, isDryRun: false).isRefused)
    #expect(ChangeReport(reply, isDryRun: false).issues.map(\.text) == ["Service shop/web: warning: spec.ports: wrong"])
  }

  private static func document(_ kind: String, _ name: String, _ json: String) -> Weft_Agent_V1_GetReply.Document {
    var document = Weft_Agent_V1_GetReply.Document()
    document.key = key(kind, name)
    document.json = Data(json.utf8)
    document.writer = "a"
    document.writtenMs = 60_000
    return document
  }

  private static func conflict(_ json: String) -> Weft_Agent_V1_GetReply.Conflict {
    var conflict = Weft_Agent_V1_GetReply.Conflict()
    conflict.writer = "b"
    conflict.writtenMs = 30_000
    conflict.json = Data(json.utf8)
    return conflict
  }

  private static var documents: DocumentList {
    var web = document("Service", "web", #"{"kind":"Service","spec":{"a":"true","b":[1,"x"],"c":{},"d":"p\nq\n"}}"#)
    web.conflicts = [conflict(#"{"kind":"Service","spec":{"a":false}}"#), conflict("")]
    return DocumentList([web, document("Telemetry", "t", #"{"kind":"Telemetry"}"#)], now_ms: 90_000)
  }

  @Test("lists documents with who wrote them and what lost to them")
  func table() {
    #expect(
      Self.documents.table(.plain, showsNamespace: true)
        == """
        NAMESPACE  NAME                          WRITTEN BY  AGE  CONFLICT
        shop       service/web                   a           30s  b 1m00s ago; b 1m00s ago, deleted
        shop       telemetry.telemetry.istio.io/t  a           30s  -

        """.replacing("service/web     ", with: "service/web       ").replacing("NAME        ", with: "NAME          ")
    )
    let one = DocumentList([Self.document("Service", "web", "{}")], now_ms: 61_000)
    #expect(one.table(.plain, showsNamespace: false) == "NAME  WRITTEN BY  AGE  CONFLICT\nweb   a           1s   -\n")
  }

  @Test("writes YAML that can be applied, with what lost as comments")
  func yaml() throws {
    #expect(
      try Self.documents.yaml() == """
        kind: Service
        spec:
          a: "true"
          b:
          - 1
          - x
          c: {}
          d: |
            p
            q
        # Host b, 1m00s ago and without knowing of the above, wrote:
        #   kind: Service
        #   spec:
        #     a: false
        # Host b, 1m00s ago and without knowing of the above, deleted this.
        ---
        kind: Telemetry

        """
    )
  }

  @Test("writes JSON as it was kept, over lines, a list where it is one")
  func json() {
    let one = DocumentList([Self.document("Service", "web", #"{"a":[],"b":{"c":"{,:\"[","d":[1.50,2]}}"#)], now_ms: 0)
    #expect(
      one.json(isSingle: true) == """
        {
          "a": [],
          "b": {
            "c": "{,:\\"[",
            "d": [
              1.50,
              2
            ]
          }
        }

        """
    )
    #expect(
      DocumentList([], now_ms: 0).json(isSingle: false)
        == "{\n  \"apiVersion\": \"v1\",\n  \"items\": [],\n  \"kind\": \"List\"\n}\n"
    )
    #expect(
      Self.documents.conflictLines == [
        "Service shop/web: host b wrote it too, 1m00s ago; -o yaml shows more",
        "Service shop/web: host b deleted it, 1m00s ago; -o yaml shows more",
      ]
    )
  }

  @Test("names documents by kind and name, in any of kubectl's forms")
  func targets() throws {
    #expect(try DocumentTarget.targets(["svc"]) == [DocumentTarget(kind: "Service", name: nil)])
    #expect(try DocumentTarget.targets(["all"]) == [DocumentTarget(kind: "", name: nil)])
    #expect(
      try DocumentTarget.targets(["authz", "a", "b"])
        == ["a", "b"].map { DocumentTarget(kind: "AuthorizationPolicy", name: $0) }
    )
    #expect(
      try DocumentTarget.targets(["svc/a", "udproute/b"]) == [
        DocumentTarget(kind: "Service", name: "a"), DocumentTarget(kind: "udproute", name: "b"),
      ]
    )
    for wrong in [[], ["svc/"], ["/a"], ["a/b/c"], ["svc", "a/b/c"]] {
      #expect(throws: (any Error).self) { try DocumentTarget.targets(wrong) }
    }
  }
}
