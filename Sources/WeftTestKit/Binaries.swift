internal import Foundation
internal import Glibc

/// Where Weft's own programs are: in `$WEFT_BIN_DIR`, else beside the test bundle that is running.
public enum Binaries {
  /// The path of `name`, such as `weft-proxy`.
  ///
  /// - Throws: `TestKitError` naming every place that was tried.
  public static func path(_ name: String) throws -> String {
    let places = [ProcessInfo.processInfo.environment["WEFT_BIN_DIR"]].compactMap { $0 } + buildDirectories()
    for place in places where access("\(place)/\(name)", X_OK) == 0 { return "\(place)/\(name)" }
    throw TestKitError("no \(name) in \(places.joined(separator: ", ")): build it, or set WEFT_BIN_DIR")
  }

  /// The top of the source tree, for scripts and golden files.
  public static let repository: String = {
    // Sources/WeftTestKit/Binaries.swift, three levels down.
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
  }()

  /// The runner may be the bundle itself, or a helper that was given the bundle's path.
  private static func buildDirectories() -> [String] {
    let candidates = CommandLine.arguments.filter { $0.hasPrefix("/") && $0.contains(".xctest") }
    let runner = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return (candidates + [runner]).map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
  }
}
