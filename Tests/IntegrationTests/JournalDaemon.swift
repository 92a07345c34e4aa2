import Foundation
import Glibc
import WeftTestKit

/// The real systemd-journald: the one that runs, or one started for these tests and ended after them.
///
/// A machine has one journald, so test runs take turns by a lock file.
final class JournalDaemon {
  static let socketPath = "/run/systemd/journal/socket"

  private let lock: Int32
  private var daemon: RunningProgram?
  /// What was made for it, innermost last.
  private var directories: [String] = []

  /// Nil where this machine has neither a running journald nor one that this user may start.
  init?() throws {
    lock = open("/run/weft-test-journald.lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
    guard lock >= 0, flock(lock, LOCK_EX) == 0 else { return nil }
    if Self.answers() { return }
    let program = "/lib/systemd/systemd-journald"
    guard geteuid() == 0, access(program, X_OK) == 0 else { return nil }
    for directory in ["/run/systemd/journal", "/run/log", "/run/log/journal"] {
      guard access(directory, F_OK) != 0 else { continue }
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
      directories.append(directory)
    }
    let readiness = try NotificationSocket()
    let command = Command(program).with(\.environment, ["NOTIFY_SOCKET": readiness.path])
    daemon = try command.start()
    guard readiness.waitForReady() else { return nil }
  }

  /// Ends what was started, and makes sure it is gone.
  func stop() {
    guard let daemon else { return }
    daemon.signal(SIGTERM)
    _ = try? daemon.waitForExit()
    self.daemon = nil
    // Its journal was of tests alone where it had no place before; whoever has started another one meanwhile keeps it.
    guard !Self.answers() else { return }
    for directory in directories.reversed() { try? FileManager.default.removeItem(atPath: directory) }
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
      try Command("journalctl", ["--sync"]).run().orThrow()
      let text = try Command("journalctl", ["-q", "--all", "-o", "json", "\(field)=\(value)"]).run().output
      let found = text.split(separator: "\n").compactMap {
        try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
      }
      if found.count >= count || Date() > deadline { return found }
    }
  }

  private static func answers() -> Bool {
    let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(number) }
    return withUnixAddress(socketPath) { connect(number, $0, $1) } == 0
  }
}

/// Where a daemon says READY=1 (sd_notify(3)).
private final class NotificationSocket {
  let path = "/tmp/wt-\(getpid())-journald-notify"
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
