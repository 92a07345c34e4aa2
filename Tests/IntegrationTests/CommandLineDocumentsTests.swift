import Foundation
import MeshModel
import Testing
import WeftTestKit

@Suite("weft validate and weft compile")
struct CommandLineDocumentsTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private static func policy(_ name: String, _ spec: String = "{podSelector: {}}") -> String {
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: \(name)}\nspec: \(spec)\n"
  }

  private static let bad = policy("p", "{podSelector: {}, ingres: [], egress: [{ports: [{port: 0}]}]}")

  /// What a run said, with the scratch directory called DIR.
  private func weft(_ arguments: String..., input: String = "") throws -> Outcome {
    try runWeft(arguments.map { $0.replacing("DIR", with: directory.path) }, input: input)
  }

  private func lines(_ text: String) -> [String] {
    text.replacing(directory.path, with: "DIR").split(separator: "\n").map(String.init)
  }

  @Test("accept right documents and say how many")
  func right() throws {
    try directory.write("a.yaml", Self.policy("p") + "---\n" + Self.policy("q"))
    let run = try weft("validate", "-f", "DIR")
    #expect(run.code == 0)
    #expect(run.output == "2 policies in 1 file: right\n")
    #expect(run.error.isEmpty)
  }

  @Test("refuse bad documents with exit code 2 and a line for each error", arguments: ["validate", "compile"])
  func wrong(verb: String) throws {
    try directory.write("a.yaml", Self.bad)
    try directory.write("b.yaml", "kind: Pod")
    let run = try verb == "compile" ? weft(verb, "-f", "DIR", "-o", "DIR/snapshot") : weft(verb, "-f", "DIR")
    #expect(run.code == 2)
    #expect(run.output.isEmpty)
    #expect(
      lines(run.error) == [
        "DIR/a.yaml:4:25: spec.ingres: unknown field; did you mean \"ingress\"?",
        "DIR/a.yaml:4:62: spec.egress[0].ports[0].port: 0 is not a port; ports are 1 to 65535",
        "DIR/b.yaml:1:7: kind: \"Pod\" is not supported; known here: Service, EndpointSlice, NetworkPolicy, HTTPRoute, GRPCRoute, "
          + "TLSRoute, AuthorizationPolicy, RequestAuthentication, PeerAuthentication, BackendTrafficPolicy, Telemetry, "
          + "Sidecar, ServiceEntry, WorkloadEntry, "
          + "DestinationRule, List",
      ]
    )
    #expect(try directory.names() == ["a.yaml", "b.yaml"])
  }

  @Test("tell programs the same as JSON or YAML")
  func machines() throws {
    try directory.write("a.yaml", Self.bad)
    let json = try weft("validate", "-f", "DIR", "-o", "json")
    #expect(json.code == 2)
    let object = try #require(JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect(object["isValid"] as? Bool == false)
    #expect((object["issues"] as? [[String: Any]])?.compactMap { $0["line"] as? Int } == [4, 4])
    #expect(try weft("validate", "-f", "DIR", "-o", "yaml").output.contains("\n- column: 25\n  field: spec.ingres\n"))
  }

  @Test("count and name every kind of a directory that holds several")
  func kinds() throws {
    let page = try String(contentsOfFile: "\(Binaries.repository)/docs/documents.md", encoding: .utf8)
    for (index, part) in page.components(separatedBy: "```yaml\n").dropFirst().enumerated() {
      try directory.write("\(index).yaml", part.components(separatedBy: "```")[0])
    }
    try directory.write("p.yaml", Self.policy("p"))
    let kinds =
      "5 services, 9 endpoints, 3 routes, 1 policy, 1 authorization policy, 1 request authentication, "
      + "1 peer authentication, 2 traffic policies, 1 telemetry, 1 sidecar in 15 files"
    let run = try weft("validate", "-f", "DIR")
    #expect(run.output == "\(kinds): right\n")
    // What proxies do not do yet is warned of, and nothing else.
    #expect(lines(run.error).allSatisfy { $0.contains(": warning: ") && $0.contains(": proxies do not ") }, "\(run)")
    #expect(run.code == 0)
    let json = try weft("validate", "-f", "DIR", "-o", "json").output
    let object = try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    #expect(
      object["services"] as? [String] == ["shop/billing", "shop/edge", "shop/vault", "shop/web", "shop/web-next"]
    )
    #expect(object["sidecars"] as? [String] == ["shop/default"])
    let compiled = try weft("compile", "-f", "DIR", "-o", "DIR/snapshot")
    let snapshot = try Snapshot.decode(Array(try directory.text(of: "snapshot").utf8))
    #expect(lines(compiled.output) == ["DIR/snapshot: written, \(kinds), revision \(snapshot.revision)"])
    #expect(snapshot.mesh.routes.map(\.fullName) == ["shop/billing", "shop/vault", "shop/web"])
  }

  @Test("read standard input, and several files")
  func inputs() throws {
    #expect(try weft("validate", "-f", "-", input: Self.policy("p")).output == "1 policy in 1 file: right\n")
    let run = try weft("validate", "-f", "-", input: Self.bad)
    #expect(run.error.hasPrefix("<stdin>:4:25: spec.ingres: "))
    try directory.write("a", Self.policy("p"))
    try directory.write("b", Self.policy("q"))
    #expect(try weft("validate", "-f", "DIR/a", "-f", "DIR/b").output == "2 policies in 2 files: right\n")
  }

  @Test("warn on standard error and accept")
  func warnings() throws {
    try directory.write("a.yaml", Self.policy("p", "{podSelector: {}, egress: []}"))
    let run = try weft("validate", "-f", "DIR")
    #expect(run.code == 0)
    #expect(
      lines(run.error) == [
        "DIR/a.yaml:4:33: warning: spec.egress: an empty egress restricts nothing without policyTypes; "
          + "add policyTypes: [Ingress, Egress]"
      ]
    )
  }

  @Test("write a snapshot that proxies read, once")
  func compiled() throws {
    try directory.write("a.yaml", Self.policy("p"))
    let first = try weft("compile", "-f", "DIR", "-o", "DIR/snapshot")
    #expect(first.code == 0)
    let text = try directory.text(of: "snapshot")
    let snapshot = try Snapshot.decode(Array(text.utf8))
    #expect(snapshot.policies.map(\.fullName) == ["default/p"])
    #expect(lines(first.output) == ["DIR/snapshot: written, 1 policy in 1 file, revision \(snapshot.revision)"])
    let attributes = try FileManager.default.attributesOfItem(atPath: directory.path + "/snapshot")
    #expect(attributes[.posixPermissions] as? Int == 0o644)

    let again = try weft("compile", "-f", "DIR", "-o", "DIR/snapshot")
    #expect(lines(again.output) == ["DIR/snapshot: unchanged, 1 policy in 1 file, revision \(snapshot.revision)"])
    let untouched = try FileManager.default.attributesOfItem(atPath: directory.path + "/snapshot")
    #expect(untouched[.systemFileNumber] as? Int == attributes[.systemFileNumber] as? Int)
    #expect(try directory.names() == ["a.yaml", "snapshot"])
    #expect(try weft("compile", "-f", "DIR", "-o", "-").output == text)
  }

  @Test("keep the old snapshot where the documents are bad or the place cannot be written")
  func kept() throws {
    try directory.write("a.yaml", Self.bad)
    try directory.write("snapshot", "old")
    #expect(try weft("compile", "-f", "DIR/a.yaml", "-o", "DIR/snapshot").code == 2)
    #expect(try directory.text(of: "snapshot") == "old")
    try directory.write("a.yaml", Self.policy("p"))
    let run = try weft("compile", "-f", "DIR/a.yaml", "-o", "DIR/none/snapshot")
    #expect(run.code == 1)
    #expect(run.error.hasPrefix("weft: cannot write \(directory.path)/none/snapshot: open "))
    #expect(run.error.hasSuffix(": No such file or directory\n"))
  }

  @Test("write through a link, and into a device without replacing it")
  func links() throws {
    try directory.write("a.yaml", Self.policy("p"))
    try directory.write("real", "old")
    try FileManager.default.createSymbolicLink(atPath: "\(directory.path)/link", withDestinationPath: "real")
    #expect(try weft("compile", "-f", "DIR/a.yaml", "-o", "DIR/link").code == 0)
    #expect(try directory.text(of: "real").contains("formatVersion"))
    #expect(try weft("compile", "-f", "DIR/a.yaml", "-o", "/dev/null").code == 0)
    let type = try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType
    #expect(type == .typeCharacterSpecial)
  }

  @Test(
    "refuse a wrong command line with exit code 2 and one line",
    arguments: [
      (["validate"], "weft: name the documents with -f PATH; weft validate --help tells what there is\n"),
      (["bogus"], "weft: Unexpected argument 'bogus'; weft --help tells what there is\n"),
      (["validate", "-f", "x", "-o", "xml"], "weft: The value 'xml' is invalid for"),
      (["validate", "-f", "/nonexistent"], "/nonexistent: there is no such file or directory\n"),
      (
        ["explain"],
        "weft: name a connection by its id, a flow by --to ADDRESS:PORT, a request by --request, or a TLS client by --sni; weft explain --help"
      ),
      (
        ["explain", "1", "--to", "192.0.2.1:1"], "weft: name either a connection or --to, not both; weft explain --help"
      ),
      (["explain", "--to", "192.0.2.1"], "weft: The value '192.0.2.1' is invalid for '--to"),
      (
        ["explain", "--to", "192.0.2.1:1", "--direction", "inbound"],
        "weft: --direction inbound needs --from: who dials the workload?; weft explain --help"
      ),
      (
        ["explain", "--to", "192.0.2.1:1", "--labels", "a b"],
        "weft: label \"a b\" is not of the form key=value; weft explain --help"
      ),
      (["connections", "--limit", "0"], "weft: --limit 0 is not from 1 to 10000; weft connections --help"),
      (["check", "--proxy", "../x"], "weft: \"../x\" is not a proxy's name; weft check --help"),
    ]
  )
  func usage(arguments: [String], expected: String) throws {
    let run = try runWeft(arguments)
    #expect(run.code == 2)
    #expect(run.output.isEmpty)
    #expect(run.error.hasPrefix(expected), "\(run.error)")
    #expect(run.error.split(separator: "\n").count == 1)
  }

  @Test("explain a flow by documents alone")
  func explain() throws {
    try directory.write(
      "a.yaml",
      Self.policy("p", "{podSelector: {matchLabels: {app: web}}, egress: [{ports: [{port: 443}]}]}")
    )
    let run = try weft("explain", "-f", "DIR", "--to", "192.0.2.1:80", "--labels", "app=web")
    #expect(run.code == 0)
    #expect(
      lines(run.output).filter { !$0.hasPrefix("  snapshot: ") } == [
        "outbound to 192.0.2.1 port 80/TCP: denied by default/p",
        "  the workload's egress is restricted and no rule allows it",
        "  workload: namespace default, labels app=web", "default/p: its only egress rule does not allow it",
        "  egress[0]: does not allow", "    to: any address", "    ports: 80/TCP is not in 443/TCP",
      ]
    )
    let json = try weft("explain", "-f", "DIR", "--to", "192.0.2.1:443", "-o", "json")
    let explanation = try AdminJSON.decode(Explanation.self, from: Array(json.output.utf8))
    #expect(explanation.verdict.reason == "no policy restricts the workload's egress")
  }

  @Test("do what the pages show that have documents to do it with", arguments: ["policy.md", "explain.md"])
  func documentation(_ name: String) throws {
    let page = try String(contentsOfFile: "\(Binaries.repository)/docs/\(name)", encoding: .utf8)
    let examples = page.split(separator: "```yaml\n").dropFirst().compactMap { $0.split(separator: "```").first }
    let commands = page.split(separator: "    $ weft ").dropFirst()
      .map { $0.split(separator: "\n", omittingEmptySubsequences: false) }
      .filter { $0[0].contains(" -f ") }
    #expect(!commands.isEmpty && commands.count <= examples.count)
    // What each is asked of stands behind it, in the same order.
    for (lines, example) in zip(commands.reversed(), examples.reversed()) {
      try directory.write("web.yaml", String(example))
      let arguments = lines[0].replacing(#/ -f \S+/#, with: " -f \(directory.path)").split(separator: " ")
      let shown = lines.dropFirst().prefix { $0.isEmpty || $0.hasPrefix("    ") }.map { $0.dropFirst(4) }
      let run = try runWeft(arguments.map(String.init))
      #expect(run.output.split(separator: "\n") == shown.filter { !$0.isEmpty }, "\(run)")
    }
  }
}
