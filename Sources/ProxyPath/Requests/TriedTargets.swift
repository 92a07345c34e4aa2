/// The endpoints that were tried for one request or connection and did not do, by their places in the worker's table: another try
/// goes to none of them where there are others. Of two that are gone with one host, a third try would else find the first again
/// and wait for it once more.
struct TriedTargets: BitwiseCopyable {
  /// The last so many: more than are tried where no route asks for more tries. One that asks for ten may come back to the first
  /// after these.
  private static let capacity = 4

  private var places = InlineArray<4, UInt32>(repeating: .max)
  private var next: UInt8 = 0

  init() {}

  /// Nothing but `place`, and what is not `.max` of `earlier`.
  init(_ place: UInt32, earlier: UInt32) {
    if earlier != .max { insert(earlier) }
    insert(place)
  }

  /// The last one; nil where none was tried.
  private(set) var last: UInt32?

  /// Another one was tried.
  mutating func insert(_ place: UInt32) {
    last = place
    guard !contains(place) else { return }
    places[Int(next)] = place
    next = (next + 1) % UInt8(Self.capacity)
  }

  /// Whether it was tried, as far as that is remembered.
  func contains(_ place: UInt32) -> Bool {
    for index in 0..<Self.capacity where places[index] == place { return true }
    return false
  }
}
