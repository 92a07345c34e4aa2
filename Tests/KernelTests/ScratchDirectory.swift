import Glibc
import Kernel
import Synchronization

/// A directory of one test, removed with its files when the last reference goes. It is named so that the integration
/// tests' janitor (Sources/WeftTestKit/Janitor.swift) takes away what a killed run leaves.
final class ScratchDirectory: Sendable {
  private static let counter = Atomic<Int>(0)
  let path: String

  init() throws {
    path = "/tmp/wt-\(getpid())-kernel-\(Self.counter.add(1, ordering: .relaxed).newValue)"
    guard mkdir(path, 0o700) == 0 else { throw SystemError("mkdir", path) }
  }

  deinit {
    if let directory = opendir(path) {
      while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if name != "." && name != ".." { unlink(file(name)) }
      }
      closedir(directory)
    }
    rmdir(path)
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Makes a file that holds `text`.
  func write(_ name: String, _ text: String) throws {
    let number = open(file(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw SystemError("open", file(name)) }
    let owner = FileDescriptor(owning: number)
    guard Glibc.write(owner.raw, text, text.utf8.count) == text.utf8.count else {
      throw SystemError("write", file(name))
    }
  }

  /// What a file holds, at most 4 KiB of it; nil where it is not there.
  func read(_ name: String) -> String? {
    let number = open(file(name), O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    let owner = FileDescriptor(owning: number)
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(owner.raw, &bytes, bytes.count)
    return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
  }
}
