import MeshModel

/// Edges as people read them, a line each.
struct EdgesText {
  let rows: [EdgeRow]
  let isWide: Bool

  func text(_ style: Style) -> String {
    guard !rows.isEmpty else { return "no edges\n" }
    var table = TextTable(isWide ? Self.wideHeadings : Self.headings)
    for row in rows { table.add(isWide ? Self.wideCells(row) : Self.cells(row)) }
    return table.text(style)
  }

  private static let headings = ["SOURCE", "DESTINATION", "CLIENT", "SERVER", "REQUESTS", "CONNECTIONS", "SECURED"]
  private static let wideHeadings = [
    "SOURCE", "SOURCE-SERVICE", "DESTINATION", "DESTINATION-SERVICE", "CLIENT", "SERVER", "REQUESTS", "CONNECTIONS",
    "LAST", "SEEN-BY", "SECURED",
  ]

  private static func cells(_ row: EdgeRow) -> [String] {
    [
      row.sourceService ?? "\(row.source)",
      row.destinationService.map { "\($0):\(row.destination.port)" } ?? "\(row.destination)",
      row.clientIdentity.map(short) ?? "", row.serverIdentity.map(short) ?? "", "\(row.requests)",
      "\(row.connections)", secured(row),
    ]
  }

  private static func wideCells(_ row: EdgeRow) -> [String] {
    [
      "\(row.source)", row.sourceService ?? "", "\(row.destination)", row.destinationService ?? "",
      row.clientIdentity ?? "", row.serverIdentity ?? "", "\(row.requests)", "\(row.connections)",
      "\(Amounts.duration(milliseconds: row.lastUsedMs)) ago", row.seenBy.joined(separator: ","), secured(row),
    ]
  }

  private static func secured(_ row: EdgeRow) -> String {
    switch row.security {
    case .mutualTLS: "mutual TLS"
    case .programTLS, .serverTLS, .plainText:
      "\(row.isPlainWithinMesh ? "PLAIN TEXT" : row.security == .plainText ? "plain text" : "TLS"): \(row.reason)"
    }
  }

  /// `shop/web` of `spiffe://weft.local/ns/shop/sa/web`: within a mesh the rest is the same.
  static func short(_ identity: String) -> String {
    let parts = identity.split(separator: "/")
    guard parts.count == 6, parts[2] == "ns", parts[4] == "sa" else { return identity }
    return "\(parts[3])/\(parts[5])"
  }
}
