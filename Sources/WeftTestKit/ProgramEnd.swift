internal import Foundation

/// The exit code of a program, once there is one; any thread can wait for it.
final class ProgramEnd: @unchecked Sendable {
  // Unchecked: `stored` is only touched under `changed`.
  private var stored: Int32?
  private let changed = NSCondition()

  var code: Int32? {
    changed.lock()
    defer { changed.unlock() }
    return stored
  }

  func set(_ code: Int32) {
    changed.lock()
    stored = code
    changed.broadcast()
    changed.unlock()
  }

  /// The code, or nil when the deadline passes first.
  func wait(_ deadline: Deadline) -> Int32? {
    changed.lock()
    defer { changed.unlock() }
    let date = deadline.date
    while stored == nil { if !changed.wait(until: date) { break } }
    return stored
  }
}
