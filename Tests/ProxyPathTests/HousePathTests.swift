import Testing

/// What keeps the worker's loop as fast as it was measured, where the compiler would let it become slower.
@Suite struct HousePathTests {
  /// What runs on the worker's thread for bytes and requests.
  static let path = ["Path", "Requests", "Lookups", "Egress", "Programs", "Peers"].map { "Sources/ProxyPath/\($0)" }

  @Test("The worker's loop calls nothing through an existential or a closure that outlives its call")
  func direct() throws {
    let files = try Self.path.flatMap(SourceTree.swiftFiles) + SourceTree.swiftFiles("Sources/Reactor")
    #expect(files.count > 100)
    for file in files {
      for line in try SourceTree.text(file).split(separator: "\n") where !Self.isComment(line) {
        #expect(line.firstMatch(of: #/\bany [A-Z]|\bAny\b|@escaping/#) == nil, "\(file): \(line)")
      }
    }
  }

  @Test("No two things that a loop of the proxy waits for have one number")
  func tokens() throws {
    var owners: [Substring: [String]] = [:]
    for file in try SourceTree.swiftFiles("Sources/ProxyPath") {
      for match in try SourceTree.text(file).matches(of: #/= Token\.Kind\((\d+)\)/#) {
        owners[match.1, default: []].append(file)
      }
    }
    #expect(owners.count > 15, "they are found at all")
    for (number, files) in owners where files.count > 1 { Issue.record("\(number) is in \(files)") }
  }

  private static func isComment(_ line: Substring) -> Bool { line.drop { $0 == " " }.hasPrefix("//") }
}
