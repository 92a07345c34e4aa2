public import Foundation

/// What one stream of a program has said so far. One thread adds, any thread reads or awaits.
public final class Transcript: @unchecked Sendable {
  // Unchecked: everything below is only touched under `changed`.
  private var bytes = Data()
  private var isComplete = false
  private let changed = NSCondition()

  func append(_ more: UnsafeRawBufferPointer) {
    changed.lock()
    bytes.append(contentsOf: more)
    changed.broadcast()
    changed.unlock()
  }

  func complete() {
    changed.lock()
    isComplete = true
    changed.broadcast()
    changed.unlock()
  }

  /// Waits until the stream has ended, or `limit` is over.
  func waitForEnd(within limit: Duration) {
    let deadline = Deadline(limit).date
    changed.lock()
    defer { changed.unlock() }
    while !isComplete { if !changed.wait(until: deadline) { break } }
  }

  /// All of it so far.
  public var data: Data {
    changed.lock()
    defer { changed.unlock() }
    return bytes
  }

  /// All of it so far; bytes that are no UTF-8 are replaced.
  public var text: String { String(decoding: data, as: UTF8.self) }

  /// Waits until `find` finds something in what was said; it is asked again whenever there is more.
  ///
  /// - Throws: `TestKitError` with the transcript's tail when the stream ends or `limit` is over without it.
  public func await<Found>(
    _ what: String,
    within limit: Duration = Deadline.usual,
    _ find: (String) throws -> Found?
  ) throws -> Found {
    let deadline = Deadline(limit).date
    changed.lock()
    defer { changed.unlock() }
    while true {
      if let found = try find(String(decoding: bytes, as: UTF8.self)) { return found }
      let why = isComplete ? "the program ended without" : "not within \(limit):"
      guard !isComplete, changed.wait(until: deadline) else {
        throw TestKitError("\(why) \(what); it said:\n\(String(decoding: bytes.suffix(4000), as: UTF8.self))")
      }
    }
  }

  /// Waits until `text` has been said.
  public func await(_ text: String, within limit: Duration = Deadline.usual) throws {
    let _: Void = try self.await("'\(text)'", within: limit) { $0.contains(text) ? () : nil }
  }
}
