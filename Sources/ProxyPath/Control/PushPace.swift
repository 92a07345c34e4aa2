/// When what the agent pushed is put into force: at once where that is the first for a while or somebody waits for it, else
/// together with what comes soon after.
///
/// A snapshot is made, checked and given to the workers whole, whatever part of it changed; in a mesh where endpoints come
/// and go all the time this keeps the cost of that from growing with their number.
struct PushPace: Sendable {
  /// Between two snapshots that nobody waits for: twenty a second at most, and an endpoint that is gone is dialled so much
  /// longer at most, which is a tenth of what finding it out by a lost SYN would take.
  static let interval_ms: UInt64 = 50

  /// When something was put into force last; nil before the first.
  private var last_ms: UInt64?
  /// Whether something came since.
  private(set) var isPending = false

  /// Something came.
  mutating func note() { isPending = true }

  /// Milliseconds until `take` says yes; nil where nothing is to be put into force.
  func patience_ms(now_ms: UInt64) -> UInt64? {
    guard isPending else { return nil }
    guard let last_ms else { return 0 }
    let due_ms = last_ms + Self.interval_ms
    return due_ms > now_ms ? due_ms - now_ms : 0
  }

  /// Whether to put into force now what came, which then counts as done.
  mutating func take(now_ms: UInt64, isWaitedFor: Bool) -> Bool {
    guard isWaitedFor || patience_ms(now_ms: now_ms) == 0 else { return false }
    last_ms = now_ms
    isPending = false
    return true
  }
}
