@testable import ProxyPath
import Testing

/// docs/life-of-a-connection.md is how one finds the way into the path, so it may not fall behind it.
@Suite struct LifeOfAConnectionTests {
  private let page: String
  /// What its links lead to, as paths from the repository's root.
  private let links: Set<String>

  init() throws {
    page = try SourceTree.text("docs/life-of-a-connection.md")
    links = Set(page.matches(of: #/\]\(\.\./([^)#]+)\)/#).map { String($0.1) })
  }

  @Test("Every file it links to exists")
  func linksLead() {
    #expect(links.count > 20)
    for link in links.sorted() { #expect(SourceTree.exists(link), "\(link)") }
  }

  @Test("It links to every file of the path")
  func complete() throws {
    let files = try SourceTree.swiftFiles("Sources/ProxyPath/Path")
    #expect(files.count > 10)
    for file in files { #expect(links.contains(file), "\(file)") }
  }

  @Test("The page on requests links to every file of theirs, and its links lead somewhere")
  func requests() throws {
    let page = try SourceTree.text("docs/life-of-a-request.md")
    let links = Set(page.matches(of: #/\]\(\.\./([^)#]+)\)/#).map { String($0.1) })
    for link in links.sorted() { #expect(SourceTree.exists(link), "\(link)") }
    for file in try SourceTree.swiftFiles("Sources/ProxyPath/Requests") { #expect(links.contains(file), "\(file)") }
    for file in try SourceTree.swiftFiles("Sources/ProxyPath/Lookups") {
      #expect(links.contains(file) || self.links.contains(file), "\(file)")
    }
  }

  @Test("Its table has every reason with its flag, and no other")
  func reasons() {
    let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
    for reason in CloseReason.allCases {
      let start = "| `\(reason.text)` | `\(reason.flag)` |"
      #expect(rows.filter { $0.hasPrefix(start) }.count == 1, "\(start)")
    }
    #expect(rows.count == CloseReason.allCases.count)
  }

  @Test("The bounds it names are those of the code")
  func bounds() {
    for bound in [
      "\(ReadSize.smallest.bytes >> 10) KiB at first", "doubling to \(ReadSize.largest.bytes >> 10) KiB",
      "Above \(RelayLimit.pendingBytesPerWorker >> 20) MiB",
      "reads \(ReadSize.underPressure.bytes >> 10) KiB at a time",
      "up to \(Detection.partialLimit >> 10) KiB", "At most \(AcceptLimit.perTurn) a turn",
    ] { #expect(page.contains(bound), "\(bound)") }
    for (bound, words) in [
      (Int(LookupLimit.patience_ns), "After 1,000 ms"), (LookupLimit.held, "holds 1,024 connections"),
      (Int(LookupLimit.perSecond), "500 questions a second"), (LookupLimit.remembered, "remembers 2,048 answers"),
    ] {
      let number = words.filter(\.isNumber)
      #expect(page.contains(words) && String(bound).hasPrefix(number), "\(words): \(bound)")
    }
    #expect(RelayLimit.stepsPerTurn == 4 && page.contains("At most four reads"))
  }
}
