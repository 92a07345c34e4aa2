internal import Replication

/// What changed since proxies and names were told.
struct DirtySet {
  /// Services by the keys of their instances.
  var services: Set<RecordKey> = []
  /// Documents.
  var documents: Set<RecordKey> = []
  /// Everything has to be looked at again.
  var all = false

  var isEmpty: Bool { services.isEmpty && documents.isEmpty && !all }

  mutating func note(_ key: RecordKey) {
    if key.kind == .endpoints { services.insert(key) } else { documents.insert(key) }
  }
}
