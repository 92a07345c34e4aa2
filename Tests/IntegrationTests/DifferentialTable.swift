import Foundation
import WeftTestKit

/// A table of docs/http1.md: what the proxies do differently, and why weft does as it does.
struct DifferentialTable {
  /// The heading above it.
  let heading: String
  let rows: [String]

  private static let file = "\(Binaries.repository)/docs/http1.md"

  /// A row for every case in which the three do not do the same.
  init(_ heading: String, _ cases: [(name: String, outcomes: [DifferentialScene.Peer: String], why: String)]) {
    self.heading = heading
    rows = cases.filter { Set($0.outcomes.values).count > 1 }.map { test in
      let outcomes = DifferentialScene.Peer.allCases.map { test.outcomes[$0] ?? "" }
      return Self.row([test.name] + outcomes + [test.why])
    }
  }

  private static func row(_ cells: [String]) -> String {
    "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
  }

  /// The whole table, as it should stand in the page.
  var text: String {
    (["| case | weft | nginx | HAProxy | why |", "| --- | --- | --- | --- | --- |"] + rows).joined(separator: "\n")
  }

  /// The table under the heading as it stands in the page.
  func written() throws -> String {
    let lines = try String(contentsOfFile: Self.file, encoding: .utf8).split(
      separator: "\n",
      omittingEmptySubsequences: false
    )
    guard let start = lines.firstIndex(of: "## \(heading)") else {
      throw TestKitError("docs/http1.md has no heading '\(heading)'")
    }
    return lines[(start + 1)...].drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }.joined(separator: "\n")
  }

  /// What of the table is not in the page, and what is there and should not be.
  func differences() throws -> String {
    let there = try written().split(separator: "\n").map(String.init)
    let wanted = text.split(separator: "\n").map(String.init)
    let missing = wanted.filter { !there.contains($0) }.map { "+ " + $0 }
    let surplus = there.filter { !wanted.contains($0) }.map { "- " + $0 }
    return (missing + surplus).joined(separator: "\n")
  }
}
