import Foundation

/// The repository these tests were built from, for tests that read it.
enum SourceTree {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The Swift files below a directory of the repository, as paths from its root, sorted.
  static func swiftFiles(_ directory: String) throws -> [String] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: root.appendingPathComponent(directory).path)
    return names.filter { $0.hasSuffix(".swift") }.map { "\(directory)/\($0)" }.sorted()
  }

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appendingPathComponent(path).standardizedFileURL.path)
  }
}
