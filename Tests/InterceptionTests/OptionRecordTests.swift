import MeshModel
import Testing

@testable import Interception

@Suite("The record of the options in the kernel")
struct OptionRecordTests {
  private func comments(_ options: CaptureOptions, _ mode: FamilyPlan.Mode) -> [String] {
    FamilyPlan(options, .v4, mode)[.filter]?.chains.first { $0.name == .options }?.rules.map(\.comment) ?? []
  }

  @Test("is read back as it was written", arguments: GoldenRulesTests.all)
  func roundTrips(golden: GoldenRulesTests.Golden) throws {
    var text = CaptureOptionText()
    golden.configure(&text)
    let options = try text.typed()
    for mode in [FamilyPlan.Mode.capture, .refuse] {
      let read = OptionRecord.read(comments(options, mode))
      #expect(read?.options == options)
      #expect(read?.mode == mode)
    }
  }

  @Test("spreads over several comments when long, none of them too long")
  func longRecords() throws {
    var options = CaptureOptions()
    options.excludeOutboundPrefixes = (0..<40).compactMap { IPPrefix("10.\($0).0.0/16") }
    let comments = comments(options, .capture)
    #expect(comments.count > 1)
    #expect(comments.allSatisfy { $0.utf8.count <= Rule.longestComment })
    #expect(OptionRecord.read(comments)?.options == options)
  }

  @Test(
    "of another version or of nobody is not understood",
    arguments: [[], ["something"], ["weft options 1/1: mode=capture flux=1"], ["weft options 1/1: outbound-port=0"]]
  )
  func foreign(comments: [String]) {
    #expect(OptionRecord.read(comments) == nil)
  }
}
