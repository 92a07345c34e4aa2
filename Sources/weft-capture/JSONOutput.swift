internal import ArgumentParser
internal import FoundationEssentials

/// Reports as JSON, keys sorted so that two runs compare.
enum JSONOutput {
  static func show(_ report: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(report), as: UTF8.self))
  }
}
