/// What a proxy has of a resource, as far as its agent knows.
enum Known: Hashable, Sendable {
  /// It was told nothing.
  case nothing
  /// It was told that there is none.
  case absent
  case version(ResourceVersion)
}

/// One name that a proxy is subscribed to.
struct Subscription: Sendable {
  /// Tells it from an earlier subscription to the same name.
  let serial: UInt64
  /// What the proxy has, or is being sent.
  var held: Known
  /// What it refused: not sent again until it was sent another.
  var refused = Known.nothing
  /// Whether it stands in a queue.
  var isQueued = false
}

/// What was sent of one name.
struct SentItem: Sendable {
  let name: String
  let serial: UInt64
  /// What the proxy had before, and still has if it refuses.
  let before: Known
  let sent: Known
}

/// Names of one type in the order in which they are to be looked at.
struct NameQueue: Sendable {
  private var names: [String] = []
  private var head = 0

  /// Names left; some of them may have been unsubscribed since.
  var count: Int { names.count - head }

  mutating func append(_ name: String) { names.append(name) }

  mutating func next() -> String? {
    guard head < names.count else {
      names.removeAll(keepingCapacity: false)
      head = 0
      return nil
    }
    defer { head += 1 }
    return names[head]
  }

  /// Keeps only names that are wanted, each once: names that were unsubscribed while they waited would pile up.
  mutating func compact(_ isWanted: (String) -> Bool) {
    var seen: Set<String> = []
    names = names[head...].filter { isWanted($0) && seen.insert($0).inserted }
    head = 0
  }
}
