import MeshDocuments
import MeshModel
import Testing

@Suite("Telemetry documents")
struct TelemetryReaderTests {
  @Test(
    "are refused with the place and what would be right",
    arguments: [
      (
        "spec: {metrics: []}",
        [
          "p.yaml:4:8: spec.metrics: is not supported: the proxy's metrics are fixed; see the page of metrics"
        ]
      ),
      (
        "spec: {targetRefs: []}",
        [
          "p.yaml:4:8: spec.targetRefs: is not supported, since a proxy knows its workload by labels; write selector: {matchLabels: ...}"
        ]
      ),
      (
        "spec: {tracing: []}",
        [
          "p.yaml:4:17: spec.tracing: is an empty list; give it an entry or leave it out"
        ]
      ),
      (
        "spec: {tracing: [{}, {}]}",
        [
          "p.yaml:4:17: spec.tracing: has 2 entries; one is supported"
        ]
      ),
      (
        "spec: {tracing: [{providers: []}]}",
        [
          "p.yaml:4:19: spec.tracing[0].providers: is not supported: there is one place for records and traces; leave it out"
        ]
      ),
      (
        "spec: {tracing: [{randomSamplingPercentage: 101}]}",
        [
          #"p.yaml:4:45: spec.tracing[0].randomSamplingPercentage: "101" is not a percentage; these are 0 to 100"#
        ]
      ),
      (
        "spec: {tracing: [{randomSamplingPercentage: '1'}]}",
        [
          #"p.yaml:4:45: spec.tracing[0].randomSamplingPercentage: is "1"; wanted is a number such as 5 or 0.5, without quotes"#
        ]
      ),
      (
        "spec: {tracing: [{randomSamplingPercentage: 1e1}]}",
        [
          #"p.yaml:4:45: spec.tracing[0].randomSamplingPercentage: is "1e1"; wanted is a number such as 5 or 0.5, without quotes"#
        ]
      ),
      (
        "spec: {tracing: [{customTags: {}}]}",
        [
          "p.yaml:4:19: spec.tracing[0].customTags: is not supported"
        ]
      ),
      (
        "spec: {tracing: [{disableSpanReporting: yes}]}",
        [
          #"p.yaml:4:41: spec.tracing[0].disableSpanReporting: is "yes"; wanted is true or false, without quotes"#
        ]
      ),
      (
        "spec: {accessLogging: [{filter: {}}]}",
        [
          "p.yaml:4:25: spec.accessLogging[0].filter: is not supported: errors and denials are always recorded, successes as sampled"
        ]
      ),
      (
        "spec: {accessLogging: [{match: {}}]}",
        [
          "p.yaml:4:25: spec.accessLogging[0].match: is not supported: it counts both ways"
        ]
      ),
      (
        "spec: {accessLogging: [{disabled: off}]}",
        [
          #"p.yaml:4:35: spec.accessLogging[0].disabled: is "off"; wanted is true or false, without quotes"#
        ]
      ),
    ] as [(String, [String])]
  )
  func refusals(body: String, expected: [String]) {
    expectRefused("Telemetry", body, for: expected)
  }

  @Test(
    "warn of what may not be what was meant, and are taken",
    arguments: [
      (
        "spec: {}",
        [
          "p.yaml:4:7: warning: spec: says nothing that is used here"
        ]
      )
    ] as [(String, [String])]
  )
  func warnings(body: String, expected: [String]) {
    expectTaken("Telemetry", body, with: expected)
  }

  @Test(
    "say what is sampled, and whether successes are recorded",
    arguments: [
      ("tracing: [{randomSamplingPercentage: 0.01}]", 100, nil), ("tracing: [{disableSpanReporting: true}]", 0, nil),
      ("tracing: [{randomSamplingPercentage: 5, disableSpanReporting: true}]", 0, nil),
      ("tracing: [{randomSamplingPercentage: 100, disableSpanReporting: false}]", 1_000_000, nil),
      ("tracing: [{}]", nil, nil), ("accessLogging: [{}]", nil, true),
      ("accessLogging: [{disabled: true}]", nil, false),
      ("accessLogging: [{disabled: false}]", nil, true),
    ] as [(String, UInt32?, Bool?)]
  )
  func meaning(spec: String, sampled: UInt32?, records: Bool?) throws {
    let policy = try #require(read(document("Telemetry", "spec: {\(spec)}")).snapshot?.mesh.telemetry.first)
    #expect(policy.sampledPartsPerMillion == sampled && policy.recordsSuccesses == records)
  }
}
