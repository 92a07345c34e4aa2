internal import Foundation
internal import Glibc
internal import Kernel

/// The process at the other end of a connection, told apart from any later one of the same number.
final class PeerProcess: Sendable {
  private enum Hold: ~Copyable, Sendable {
    /// The kernel holds it for us (Linux 6.5).
    case handle(ProcessHandle)
    /// When it began, in clock ticks since the host did: all that older kernels offer.
    case began(UInt64)
    case gone
  }

  /// In the agent's PID namespace.
  let pid: Int32
  private let hold: Hold

  /// The peer of `socket`, which is only borrowed; its number was read from there.
  init(pid: Int32, ofSocket socket: Int32) {
    self.pid = pid
    do {
      hold = .handle(try ProcessHandle.peer(ofSocket: socket))
    } catch  where error.code == ENOPROTOOPT {
      hold = Self.beginning(of: pid).map { .began($0) } ?? .gone
    } catch {
      hold = .gone
    }
  }

  /// A process by its number and its beginning, as on kernels before 6.5.
  init(pid: Int32, began: UInt64) {
    self.pid = pid
    hold = .began(began)
  }

  /// Whether it is there still. What was read under its number before was its own, then.
  var isAlive: Bool {
    switch hold {
    case .handle(let handle): handle.isRunning
    case .began(let ticks): Self.beginning(of: pid) == ticks
    case .gone: false
    }
  }

  /// Field 22 of /proc/PID/stat (proc(5)); nil where there is no such process.
  static func beginning(of pid: Int32) -> UInt64? {
    guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
      // The second field is the program's name in parentheses, which may hold anything.
      let end = text.lastIndex(of: ")")
    else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    return fields.count > 19 ? UInt64(fields[19]) : nil
  }
}
