/// What an owner remembers of its epochs before this one: how far each had come.
///
/// An epoch is missing here, or shorter than others know it, if its end was lost with a disk. Who holds more of it holds
/// writes that the owner must take back.
struct Past: Hashable, Sendable {
  /// The last version of each epoch, ascending. Epochs before the first are taken for known once the list is full.
  private(set) var ends: [Version] = []

  init() {}

  /// The past of those ends; nil unless their epochs ascend and they are no more than are kept.
  init?(_ ends: [Version]) {
    guard ends.count <= ReplicationLimits.pastEpochs else { return nil }
    guard zip(ends, ends.dropFirst()).allSatisfy({ $0.epoch < $1.epoch }) else { return nil }
    self.ends = ends
  }

  func includes(_ version: Version) -> Bool {
    if let end = ends.first(where: { $0.epoch == version.epoch }) { return version <= end }
    guard ends.count == ReplicationLimits.pastEpochs, let first = ends.first else { return version == .zero }
    return version < first
  }

  mutating func add(_ end: Version) {
    guard end != .zero, !includes(end) else { return }
    ends.removeAll { $0.epoch == end.epoch }
    ends.insert(end, at: ends.firstIndex { $0.epoch > end.epoch } ?? ends.count)
    ends = ends.suffix(ReplicationLimits.pastEpochs)
  }

  mutating func add(_ other: Past) {
    for end in other.ends { add(end) }
  }
}
