internal import CLinux
internal import Glibc

/// Small files of /proc.
enum ProcText {
  /// A comm has 15 bytes and a newline.
  static let commBytes = 64
  /// Version 1 has a line for each of a dozen controllers.
  static let cgroupBytes = 4096
  /// Three loads, two counts and a number.
  static let loadBytes = 128
  /// Name, umask, state and Tgid stand first.
  static let statusBytes = 512

  /// The first `limit` bytes of a file; none where it cannot be read.
  static func read(_ path: String, limit: Int) -> [UInt8] {
    let number = weft_open(path, O_RDONLY | O_CLOEXEC, 0)
    guard number >= 0 else { return [] }
    defer { close(number) }
    return [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      count = max(0, Glibc.read(number, buffer.baseAddress, limit))
    }
  }

  /// The control group's path from the text of /proc/PID/cgroup (cgroups(7)): of version 2 (`0::PATH`), unless that is
  /// the root and a version 1 hierarchy says more, systemd's own before the others.
  static func cgroupPath(_ text: [UInt8]) -> [UInt8] {
    var best: (rank: Int, path: ArraySlice<UInt8>) = (0, [])
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let isRoot = parts[2].elementsEqual("/".utf8)
      let isUnified = parts[0].elementsEqual("0".utf8) && parts[1].isEmpty
      let rank = isRoot ? 1 : isUnified ? 4 : parts[1].elementsEqual("name=systemd".utf8) ? 3 : 2
      if rank > best.rank { best = (rank, parts[2]) }
    }
    return Array(best.path)
  }

  /// The number given last to a process or thread of this PID namespace: the last word of /proc/loadavg.
  static func lastProcess(_ text: [UInt8]) -> Int32? {
    text.split { $0 <= UInt8(ascii: " ") }.last.flatMap { Int32(String(decoding: $0, as: UTF8.self)) }
  }

  /// The process that a thread belongs to: `Tgid:` of /proc/PID/status.
  static func process(of status: [UInt8]) -> Int32? {
    // A program chooses its own name, but not with a newline in it: the kernel escapes that.
    for line in status.split(separator: UInt8(ascii: "\n")) where line.starts(with: "Tgid:\t".utf8) {
      return Int32(String(decoding: line.dropFirst(6), as: UTF8.self))
    }
    return nil
  }
}
