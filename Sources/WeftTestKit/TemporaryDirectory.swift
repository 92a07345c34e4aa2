internal import Foundation
internal import Glibc

/// A directory of this test alone, removed with everything in it when the last reference goes. The janitor removes it
/// where the test run ends some other way.
public final class TemporaryDirectory: Sendable {
  /// Its absolute path.
  public let path: String

  /// Makes it, world-searchable: programs of other uids (the proxy) must reach what is inside.
  public init() throws {
    try Janitor.shared.start()
    path = "/tmp/\(Names.unique())"
    guard mkdir(path, 0o755) == 0 else { throw TestKitError.system("mkdir", path) }
    chmod(path, 0o755)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of `name` inside it.
  public func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes `text` whole, by rename, as an editor or a config push would; returns the path.
  @discardableResult
  public func write(_ name: String, _ text: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: file(name)), options: .atomic)
    chmod(file(name), 0o644)
    return file(name)
  }
}
