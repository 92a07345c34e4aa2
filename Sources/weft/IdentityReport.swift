import MeshAPI

/// The certificates of this host, and its workloads.
struct IdentityReport: Encodable, Equatable {
  struct Certificate: Encodable, Equatable {
    let role: String
    let subject: String
    let spiffeID: String
    let serial: String
    let sha256: String
    let notBeforeS: Int64
    let notAfterS: Int64
    /// 0 where nobody renews it.
    let renewsS: Int64
    let pem: String
  }

  let trustDomain: String
  let certificates: [Certificate]
  let workloads: [WorkloadRow]

  init(_ reply: Weft_Agent_V1_IdentityReply) {
    trustDomain = reply.trustDomain
    certificates = reply.certificates.map {
      Certificate(
        role: $0.role,
        subject: $0.subject,
        spiffeID: $0.spiffeID,
        serial: $0.serial,
        sha256: $0.sha256,
        notBeforeS: $0.notBeforeS,
        notAfterS: $0.notAfterS,
        renewsS: $0.renewsS,
        pem: $0.pem
      )
    }
    workloads = reply.workloads.map(WorkloadRow.init)
  }

  func text(_ style: Style, now_s: Int64) -> String {
    var table = TextTable(["ROLE", "IDENTITY", "VALID FOR", "RENEWED IN", "SHA-256"])
    for one in certificates {
      let isOver = one.notAfterS <= now_s
      let isEarly = one.notBeforeS > now_s
      table.add([
        one.role, one.spiffeID.isEmpty ? one.subject : one.spiffeID,
        isOver ? "expired \(span(one.notAfterS, now_s)) ago" : isEarly ? "not yet" : span(now_s, one.notAfterS),
        one.renewsS == 0 ? "" : one.renewsS <= now_s ? "now" : span(now_s, one.renewsS),
        String(one.sha256.prefix(Self.shownDigits)),
      ])
    }
    let rows = workloads.isEmpty ? "" : "\n" + WorkloadRow.table(workloads, style)
    return "\(style.strong("trust domain \(Printable.text(trustDomain))"))\n" + table.text(style) + rows
  }

  /// Enough to tell certificates apart; -o json has the rest.
  private static let shownDigits = 16

  private func span(_ from_s: Int64, _ to_s: Int64) -> String {
    Amounts.duration(milliseconds: (to_s - from_s) * 1000)
  }
}

/// Who is given an identity.
struct WorkloadRow: Encodable, Equatable {
  let spiffeID: String
  let selectors: [String]

  init(_ workload: Weft_Agent_V1_Workload) {
    spiffeID = workload.spiffeID
    selectors = workload.selectors
  }

  static func table(_ rows: [WorkloadRow], _ style: Style) -> String {
    guard !rows.isEmpty else { return "no workload is registered\n" }
    var table = TextTable(["WORKLOAD", "SELECTORS"])
    for row in rows { table.add([row.spiffeID, row.selectors.joined(separator: " ")]) }
    return table.text(style)
  }
}
