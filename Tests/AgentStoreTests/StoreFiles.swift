import Foundation
import Glibc
import WeftTestKit

/// A data directory of one test, and its files as bytes.
struct StoreFiles {
  private let temporary: TemporaryDirectory
  let directory: String

  var database: String { "\(directory)/weft.db" }
  var log: String { "\(directory)/weft.db-wal" }

  init() throws {
    temporary = try TemporaryDirectory()
    directory = temporary.file("data")
  }

  /// A directory with those files in it, closed to others.
  init(database: [UInt8], log: [UInt8] = []) throws {
    try self.init()
    guard mkdir(directory, 0o700) == 0 else { throw TestKitError("mkdir \(directory)") }
    try write(database, to: self.database)
    if !log.isEmpty { try write(log, to: self.log) }
  }

  func write(_ bytes: [UInt8], to path: String) throws {
    let file = URL(fileURLWithPath: path)
    guard FileManager.default.createFile(atPath: path, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
    else { throw TestKitError("create \(file)") }
  }

  func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

  func mode(_ path: String) -> mode_t {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted() }
}
