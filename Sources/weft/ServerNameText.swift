import MeshModel

/// What would become of a TLS client of the workload's, as people read it: where its name leads, every host and TLSRoute that
/// was tried, and whom the connection may go to.
struct ServerNameText {
  let explanation: ServerNameExplanation

  func text(_ style: Style) -> String {
    var lines = ExplanationLines(style)
    let refusal = explanation.refusal
    lines.headline("outbound TLS \(asked)", isGood: refusal == nil, refusal == nil ? answer : refused)
    lines.line(refusal ?? explanation.summary)
    lines.line(
      "workload: namespace \(explanation.workload.namespace), labels \(explanation.workload.labels.labelText)"
    )
    let destination = explanation.destination
    lines.line("service: \(destination.service.isEmpty ? "none" : destination.service); \(destination.reason)")
    if let connection = explanation.connection {
      lines.line("connection: \(connection.clause)")
    } else if explanation.outcome == .originalDestination {
      lines.line("connection: which address that is, --to ADDRESS:PORT would tell")
    }
    if let dialled = explanation.dialled, !explanation.backends.contains(where: { $0.service == dialled.service }) {
      lines.line(
        "meanwhile: an endpoint of \(dialled.service), whose address is dialled, is connected to until it is led"
      )
    }
    addNames(&lines)
    for backend in explanation.backends { lines.add(backend, of: "connections") }
    return lines.text
  }

  private var asked: String {
    let question = explanation.question
    let place = question.destination.map { "\($0)" } ?? "port \(question.port)"
    return "for \(question.name.isEmpty ? "no name" : question.name) to \(place)"
  }

  private var answer: String { explanation.outcome == .originalDestination ? "goes where it was dialled" : "led" }

  /// With the reason that its record will have.
  private var refused: String { "refused" + (explanation.closeReason.map { ": \($0)" } ?? "") }

  private func addNames(_ lines: inout ExplanationLines) {
    if !explanation.hosts.isEmpty {
      let count = explanation.hosts.count + explanation.hostsLeftOut
      lines.section("hosts", "\(count) of services; the whole name leads before the longest *.")
      lines.list(explanation.hosts) { host, lines in
        let answer = host.isChosen ? "leads" : host.holds ? "holds it, and does not lead" : "no"
        lines.verdict("\(host.host) of \(host.service)", host.isChosen, answer, host.reason)
      }
      if explanation.hostsLeftOut > 0 {
        lines.line("and \(Amounts.count(explanation.hostsLeftOut, "host", "hosts")) more that do not hold it")
      }
    }
    if !explanation.routes.isEmpty {
      lines.section("TLSRoutes", "\(explanation.routes.count) for the service; the most specific name counts")
      lines.list(explanation.routes) { $1.verdict($0.route, $0.applies, $0.applies ? "takes it" : "no", $0.reason) }
    }
  }
}
