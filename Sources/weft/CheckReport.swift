import MeshModel

/// A check as people read it.
struct CheckReport {
  let check: ProxyCheck
  /// Unix time.
  let now_ms: Int64

  func text(_ style: Style) -> String {
    let verdict = check.problems.isEmpty ? style.good("well") : style.bad("look here")
    var lines = ["\(style.strong("proxy \(check.proxy)")): \(verdict)"]
    if let status = check.status {
      lines += rows(status).map { label, value in
        "  \(style.faint(label.padded(to: 12)))\(Printable.text(value))"
      }
    }
    lines += check.problems.map { "  \(style.bad("!")) \(Printable.text($0))" }
    lines += (check.status?.notes ?? []).map { "  \(style.faint("i")) \(Printable.text($0))" }
    return lines.map { $0 + "\n" }.joined()
  }

  private func rows(_ status: ProxyStatus) -> [(String, String)] {
    var rows = [
      ("process", process(status)),
      ("policy", policy(status.snapshot)),
    ]
    if let mesh = status.snapshot.mesh { rows.append(("mesh", self.mesh(mesh))) }
    rows.append(("workload", workload(status.workload)))
    if let identity = status.identity { rows.append(("identity", self.identity(identity))) }
    for listener in status.listeners {
      let count = Amounts.count(Int(clamping: listener.accepted), "connection", "connections")
      rows.append((listener.role, "\(listener.address), \(count) accepted"))
    }
    let counts = status.connections
    rows.append(("connections", "\(counts.open) open, \(counts.total) in all, \(counts.denied) denied"))
    rows.append(("capture", capture(status)))
    if let names = status.names { rows.append(("names", self.names(names))) }
    let journal = status.journal
    rows.append(
      (
        "journal",
        "\(journal.mode): \(journal.sent) sent, \(journal.dropped) dropped, \(journal.rateLimited) over the rate limit"
      )
    )
    return rows
  }

  private func process(_ status: ProxyStatus) -> String {
    let age = Amounts.duration(milliseconds: now_ms - status.startedAtMs)
    let workers = Amounts.count(status.workers, "worker", "workers")
    return "weft-proxy \(status.version), pid \(status.pid), uid \(status.uid), \(workers), up \(age)"
  }

  private func policy(_ snapshot: SnapshotStatus) -> String {
    guard snapshot.state == .loaded else {
      return "none loaded, so everything passes" + (snapshot.path.map { "; waiting for \($0)" } ?? "")
    }
    let count = Amounts.count(snapshot.policies, "policy", "policies")
    let age = snapshot.loadedAtMs.map { ", loaded \(Amounts.duration(milliseconds: now_ms - $0)) ago" } ?? ""
    let format = snapshot.format.map { ", format \($0)" } ?? ""
    return "\(count), revision \(snapshot.revision ?? "?")\(snapshot.path.map { " of \($0)" } ?? "")\(format)\(age)"
  }

  private func mesh(_ mesh: MeshCounts) -> String {
    [
      Amounts.count(mesh.services, "service", "services"), Amounts.count(mesh.endpoints, "endpoint", "endpoints"),
      Amounts.count(mesh.routes, "route", "routes"),
      Amounts.count(mesh.authorizations, "authorization policy", "authorization policies")
        + (mesh.authorizations > 0 ? " (\(mesh.authorizationsInForce) for this workload)" : ""),
      Amounts.count(mesh.authentications, "request authentication", "request authentications"),
      Amounts.count(mesh.traffic, "traffic policy", "traffic policies"),
    ].joined(separator: ", ")
  }

  private func workload(_ workload: Workload) -> String {
    let labels = workload.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return "namespace \(workload.namespace), \(labels.isEmpty ? "no labels" : labels.joined(separator: " "))"
  }

  private func identity(_ identity: IdentityStatus) -> String {
    guard let id = identity.spiffeID, let notAfterS = identity.notAfterS else {
      return "none, asks for \(identity.wanted): \(identity.lastProblem ?? "the agent has not answered yet")"
    }
    let left_ms = notAfterS * 1000 - now_ms
    let end = left_ms > 0 ? "for \(Amounts.duration(milliseconds: left_ms))" : "expired"
    let given = identity.givenS.map { ", given \(Amounts.duration(milliseconds: now_ms - $0 * 1000)) ago" } ?? ""
    return "\(id), \(end)\(given), believes \(Amounts.count(identity.roots.count, "root", "roots"))"
  }

  private func names(_ state: NamesState) -> String {
    switch state {
    case .answered: "the agent answers what weft-capture --capture-dns sends to port 15053"
    case .waiting: "no agent answers on port 15053, programs are told to ask elsewhere"
    case .elsewhere: "port 15053 is another process's, who answers there, such as an agent in this network namespace"
    }
  }

  /// A proxy cannot see the rules, only what they bring: that tells much, and not that all is captured.
  private func capture(_ status: ProxyStatus) -> String {
    let came = status.listeners.contains { ["outbound", "inbound"].contains($0.role) && $0.accepted > 0 }
    return came
      ? "connections arrive; weft-capture verify, run in the pod, tells whether all do"
      : "nothing has arrived yet; weft-capture verify, run in the pod, tells whether the rules are there"
  }
}

extension String {
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}
