public import Foundation
internal import Glibc

/// The moment by which something awaited must have happened.
public struct Deadline: Sendable {
  private let end: ContinuousClock.Instant

  /// The longest any single wait of a test may take unless it says otherwise: far above what a loaded two-core machine
  /// needs, and short enough that a hang is reported and not cut off by the runner.
  public static let usual: Duration = .seconds(30)

  /// A deadline `duration` from now.
  public init(_ duration: Duration = Deadline.usual) { end = .now + duration }

  /// Whether it has passed.
  public var isOver: Bool { ContinuousClock.now >= end }

  /// What is left, in milliseconds as poll(2) takes them: rounded up, 0 once it has passed.
  public var millisecondsLeft: Int32 {
    let left = ContinuousClock.now.duration(to: end).components
    guard left.seconds >= 0, left.attoseconds >= 0 else { return 0 }
    return Int32(clamping: left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000 + 1)
  }

  /// The same moment for Foundation's waits.
  public var date: Date { Date(timeIntervalSinceNow: Double(millisecondsLeft) / 1000) }
}

/// Waits for a fact that no event announces (a kernel table, a file of another program), asking again after 2, 4, 8 ...
/// at most 100 ms. Where an event exists, wait for that instead.
///
/// - Throws: `TestKitError` naming `what`, once `within` is over; and whatever `fact` throws.
public func eventually<Fact>(
  _ what: String,
  within limit: Duration = Deadline.usual,
  _ fact: () throws -> Fact?
) throws -> Fact {
  let deadline = Deadline(limit)
  var pause: UInt32 = 2
  while true {
    if let seen = try fact() { return seen }
    guard !deadline.isOver else { throw TestKitError("not within \(limit): \(what)") }
    usleep(pause * 1000)
    pause = min(pause * 2, 100)
  }
}

/// Waits until `fact` holds; see the other overload.
public func eventually(
  _ what: String,
  within limit: Duration = Deadline.usual,
  _ fact: () throws -> Bool
) throws {
  let _: Void = try eventually(what, within: limit) { try fact() ? () : nil }
}
