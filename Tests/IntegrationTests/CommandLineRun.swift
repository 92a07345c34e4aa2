import Foundation
import WeftTestKit

/// Runs the built `weft` to its end.
func runWeft(_ arguments: [String], input: String = "") throws -> Outcome {
  try Command(Binaries.path("weft"), arguments).with(\.input, Array(input.utf8)).run()
}

extension TemporaryDirectory {
  /// The text of a file in it.
  func text(of name: String) throws -> String { try String(contentsOfFile: file(name), encoding: .utf8) }

  /// The names of all files in it, sorted.
  func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}
