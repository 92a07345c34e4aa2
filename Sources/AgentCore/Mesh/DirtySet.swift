internal import MeshDocuments
internal import Replication

/// What changed since proxies and names were told.
struct DirtySet {
  /// Services by the keys of their instances.
  var services: Set<RecordKey> = []
  /// Documents.
  var documents: Set<RecordKey> = []
  /// What is in force otherwise for documents that were taken.
  var effects = DocumentEffects()
  /// Everything has to be looked at again.
  var all = false

  var isEmpty: Bool { services.isEmpty && documents.isEmpty && effects.isEmpty && !all }

  mutating func note(_ key: RecordKey) {
    switch key.kind {
    case .endpoints: services.insert(key)
    // Agents' own matter, of which proxies and names are told nothing.
    case let kind where kind.isInternal: break
    default: documents.insert(key)
    }
  }
}
