import Reactor

/// What a timer wheel promises, written the slow and obvious way: a list of deadlines on a clock that never wraps.
struct TimerModel {
  /// The wheel's tick without wrap-around; its low 32 bits are what the wheel is told.
  private(set) var now: Int64
  private var due: [UInt32: Int64] = [:]

  init(now: Int64) { self.now = now }

  var tick: UInt32 { Self.wrapped(now) }
  var count: Int { due.count }
  var isEmpty: Bool { due.isEmpty }
  /// The first moment a timer may expire.
  var earliest: Int64? { due.values.min() }

  /// A deadline that has passed expires when time next moves.
  mutating func set(_ index: UInt32, deadline: Int64) { due[index] = max(deadline, now + 1) }

  mutating func cancel(_ index: UInt32) { due[index] = nil }

  /// The indices that expire, in ascending order.
  mutating func advance(to time: Int64) -> [UInt32] {
    let expired = due.filter { $0.value <= time }.map(\.key).sorted()
    for index in expired { due[index] = nil }
    now = time
    return expired
  }

  static func wrapped(_ time: Int64) -> UInt32 { UInt32(truncatingIfNeeded: time) }
}
