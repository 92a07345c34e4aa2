internal import Foundation
public import Glibc

/// What a process's network namespace listens on, read from /proc without running anything.
public enum Listeners {
  /// The TCP ports that somebody in the namespace of `pid` listens on, both families.
  public static func ports(seenBy pid: pid_t) -> Set<UInt16> {
    var ports: Set<UInt16> = []
    for family in ["tcp", "tcp6"] {
      guard let table = try? String(contentsOfFile: "/proc/\(pid)/net/\(family)", encoding: .utf8) else { continue }
      for line in table.split(separator: "\n").dropFirst() {
        // sl local_address rem_address st ...; addresses are HEX:HEXPORT and 0A is TCP_LISTEN (net/tcp_states.h).
        let columns = line.split(separator: " ", omittingEmptySubsequences: true)
        guard columns.count > 3, columns[3] == "0A", let port = columns[1].split(separator: ":").last else { continue }
        UInt16(port, radix: 16).map { _ = ports.insert($0) }
      }
    }
    return ports
  }
}

extension RunningProgram {
  /// Waits until somebody in this program's pod listens on `port`; the kernel tells nobody, so it is asked again.
  ///
  /// - Throws: `TestKitError` when the program ends first or `limit` is over.
  @discardableResult
  public func waitForListener(_ port: UInt16, within limit: Duration = Deadline.usual) throws -> Self {
    try eventually("a listener on port \(port) by \(command)", within: limit) {
      if Listeners.ports(seenBy: pid).contains(port) { return true }
      if let code = exitCode {
        throw TestKitError("\(command) ended with \(code) before it listened on \(port): \(error.text.suffix(2000))")
      }
      return false
    }
    return self
  }
}
