import MeshModel
import Testing
import WeftTestKit

/// The same bytes through weft-proxy, nginx and HAProxy of Debian, to a server that writes down what reaches it.
@Suite("HTTP/1.1 beside nginx and HAProxy")
struct DifferentialTests {
  @Test("every request does what the RFC asks, and docs/http1.md says where the others do something else, and why")
  func requests() throws {
    let cases = DifferentialCase.ordinary + DifferentialCase.framing + DifferentialCase.lines + DifferentialCase.targets
    #expect(cases.count >= 80)
    #expect(Set(cases.map(\.name)).count == cases.count, "names are unique")
    let runs = try DifferentialScene.run(cases.map(\.script))
    var compared: [(name: String, outcomes: [DifferentialScene.Peer: String], why: String)] = []
    for (test, runs) in zip(cases, runs) {
      let outcomes = runs.mapValues { DifferentialOutcome($0, of: test) }
      let objection = outcomes[.weft]?.objection(to: test)
      #expect(objection == nil, "\(test.name): \(objection ?? "")")
      for bytes in runs[.weft]?.upstreams ?? [] {
        let fault = StrictRequests.fault(in: bytes, isTunnel: test.reply != nil)
        #expect(fault == nil, "\(test.name): weft sent \(fault ?? ""): \(String(decoding: bytes, as: UTF8.self))")
      }
      compared.append((test.name, outcomes.mapValues(\.text), test.why))
    }
    try hold(DifferentialTable("Requests that are handled differently", compared))
  }

  @Test("every answer of a server does what the RFC asks, and docs/http1.md says where the others do something else")
  func answers() throws {
    let cases = DifferentialAnswer.all
    #expect(cases.count >= 25)
    #expect(Set(cases.map(\.name)).count == cases.count, "names are unique")
    let runs = try DifferentialScene.run(cases.map(\.script))
    var compared: [(name: String, outcomes: [DifferentialScene.Peer: String], why: String)] = []
    for (test, runs) in zip(cases, runs) {
      let outcomes = runs.mapValues { DifferentialReception($0, of: test) }
      let objection = outcomes[.weft]?.objection(to: test)
      #expect(objection == nil, "\(test.name): \(objection ?? "")")
      let connections = runs[.weft]?.upstreams.count { !$0.isEmpty } ?? 0
      #expect(!test.spoilsConnection || connections == 2, "\(test.name): the server's connection was used again")
      compared.append((test.name, outcomes.mapValues(\.text), test.why))
    }
    try hold(DifferentialTable("Answers that are handled differently", compared))
  }

  private func hold(_ table: DifferentialTable) throws {
    let differences = try table.differences()
    #expect(differences.isEmpty, "the table '\(table.heading)' of docs/http1.md should be\n\(table.text)\n")
  }
}
