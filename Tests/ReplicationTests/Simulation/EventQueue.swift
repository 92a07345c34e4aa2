/// What happens next: a binary heap by time, and by order of arrival where times are equal.
struct EventQueue<Event> {
  private struct Item {
    var time_ms: UInt64
    var order: UInt64
    var event: Event

    func isBefore(_ other: Item) -> Bool {
      time_ms == other.time_ms ? order < other.order : time_ms < other.time_ms
    }
  }

  private var items: [Item] = []
  private var order: UInt64 = 0

  var nextTime_ms: UInt64? { items.first?.time_ms }

  mutating func add(_ event: Event, at time_ms: UInt64) {
    order += 1
    items.append(Item(time_ms: time_ms, order: order, event: event))
    var child = items.count - 1
    while child > 0, items[child].isBefore(items[(child - 1) / 2]) {
      items.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func next() -> Event? {
    guard let first = items.first else { return nil }
    items.swapAt(0, items.count - 1)
    items.removeLast()
    var parent = 0
    while true {
      let left = 2 * parent + 1
      guard left < items.count else { break }
      let right = left + 1
      let child = right < items.count && items[right].isBefore(items[left]) ? right : left
      guard items[child].isBefore(items[parent]) else { break }
      items.swapAt(child, parent)
      parent = child
    }
    return first.event
  }
}
