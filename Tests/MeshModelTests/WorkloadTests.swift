import MeshModel
import Testing

@Suite("A workload")
struct WorkloadTests {
  @Test(
    "reads labels from an option or a labels file",
    arguments: ["app=web,tier=", "app=web\ntier=\n", "# made by hand\napp=\"web\"\n\ntier=\"\"", " app=web , tier= "]
  )
  func labels(text: String) throws {
    #expect(try Workload(labelText: text) == Workload(labels: ["app": "web", "tier": ""]))
  }

  @Test("may have no labels")
  func unlabelled() throws {
    #expect(try Workload(labelText: "") == .unlabelled)
    #expect(Workload.unlabelled.namespace == "default")
  }

  @Test(
    "refuses what Kubernetes would, naming it",
    arguments: [
      ("app", "label \"app\" is not of the form key=value"),
      ("app=a b", "label app has the invalid value \"a b\": up to 63 letters, digits, -, _ and ."),
      ("-a=b", "label key \"-a\" is invalid: [prefix/]name of up to 63 letters, digits, -, _ and ."),
      ("a=1,a=2", "label a is given twice"),
    ]
  )
  func refuses(text: String, wanted: String) {
    #expect { try Workload(labelText: text) } throws: { "\($0)" == wanted }
  }

  @Test(
    "refuses a namespace that is no DNS label",
    arguments: ["", "A", "a.b", "-a", String(repeating: "a", count: 64)]
  )
  func namespace(text: String) {
    #expect(throws: WorkloadError.invalidNamespace(text)) { try Workload(namespace: text) }
  }
}
