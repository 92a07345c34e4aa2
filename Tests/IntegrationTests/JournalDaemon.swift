import Foundation
import Glibc

/// The real systemd-journald: the one that runs, or one started for these tests and ended after them.
///
/// A machine has one journald, so test runs take turns by a lock file.
final class JournalDaemon {
  static let socketPath = "/run/systemd/journal/socket"

  private let lock: Int32
  private var daemon: Process?

  /// Nil where this machine has neither a running journald nor one that this user may start.
  init?() throws {
    lock = open("/run/weft-test-journald.lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
    guard lock >= 0, flock(lock, LOCK_EX) == 0 else { return nil }
    if Self.answers() { return }
    let program = "/lib/systemd/systemd-journald"
    guard geteuid() == 0, access(program, X_OK) == 0 else { return nil }
    for directory in ["/run/systemd/journal", "/run/log/journal"] {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }
    let readiness = try NotificationSocket()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.environment = ["NOTIFY_SOCKET": readiness.path]
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    daemon = process
    guard readiness.waitForReady() else { return nil }
  }

  /// Ends what was started, and makes sure it is gone.
  func stop() {
    daemon?.terminate()
    daemon?.waitUntilExit()
    daemon = nil
  }

  deinit {
    stop()
    if lock >= 0 { close(lock) }
  }

  /// The entries whose `field` is `value`, as `journalctl -o json` tells them, once there are `count` of them.
  func entries(_ field: String, _ value: String, count: Int) throws -> [[String: Any]] {
    let deadline = Date(timeIntervalSinceNow: 10)
    while true {
      // journalctl --sync returns when all that was sent before is on disk, so there is nothing to wait for in between.
      _ = try Self.run("journalctl", ["--sync"])
      let text = try Self.run("journalctl", ["-q", "--all", "-o", "json", "\(field)=\(value)"])
      let found = text.split(separator: "\n").compactMap {
        try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
      }
      if found.count >= count || Date() > deadline { return found }
    }
  }

  private static func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }

  private static func answers() -> Bool {
    let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(number) }
    return withUnixAddress(socketPath) { connect(number, $0, $1) } == 0
  }
}

/// Where a daemon says READY=1 (sd_notify(3)).
private final class NotificationSocket {
  let path = "/tmp/weft-journald-notify-\(getpid())"
  private let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)

  init() throws {
    unlink(path)
    guard number >= 0, withUnixAddress(path, { bind(number, $0, $1) }) == 0 else {
      throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
    }
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit {
    close(number)
    unlink(path)
  }

  func waitForReady() -> Bool {
    var bytes = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(number, &bytes, 4096, 0)
      guard count > 0 else { return false }
      if String(decoding: bytes.prefix(count), as: UTF8.self).contains("READY=1") { return true }
    }
  }
}

private func withUnixAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
  }
}
