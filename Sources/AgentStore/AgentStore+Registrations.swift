internal import Foundation
public import Registry

/// Something of the store that was written whole and is not understood now, as by another version of the agent. It stays
/// where it is until its key is written anew.
public struct UnreadableEntry: Hashable, Sendable, CustomStringConvertible {
  /// Where it is: `registration shop/web/`.
  public let place: String
  /// Why it cannot be read.
  public let reason: String

  /// `place: reason`.
  public var description: String { "\(place): \(reason)" }
}

extension AgentStore {
  /// Writes a registration down, in place of what was written of the same key.
  public func put(_ record: RegistryRecord) throws(AgentStoreError) {
    try write("writing a registration") { db in
      try KeyedTable.registration.put(record.registration.key.row, try Self.json(record), db)
    }
  }

  /// Strikes what was written of a key.
  public func forget(_ key: Registration.Key) throws(AgentStoreError) {
    try write("removing a registration") { db in try KeyedTable.registration.remove(key.row, db) }
  }

  /// All registrations, in the order of their keys, and those that cannot be read any more.
  public func registrations() throws(AgentStoreError) -> (records: [RegistryRecord], unreadable: [UnreadableEntry]) {
    try read("reading registrations") { db in try Self.decode(.registration, try KeyedTable.registration.all(db)) }
  }

  static func json(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return [UInt8](try encoder.encode(value))
  }

  static func decode<Value: Decodable>(
    _ table: KeyedTable,
    _ entries: [KeyedTable.Entry]
  ) throws -> ([Value], [UnreadableEntry]) {
    let decoder = JSONDecoder()
    var (values, unreadable): ([Value], [UnreadableEntry]) = ([], [])
    for entry in entries {
      do {
        values.append(try decoder.decode(Value.self, from: entry.value.blob))
      } catch {
        unreadable.append(UnreadableEntry(place: "\(table.rawValue) \(entry.key)", reason: "\(error)"))
      }
    }
    return (values, unreadable)
  }
}

extension Registration.Key {
  /// The key of its row. None of its parts, DNS labels all, has a slash.
  var row: String { "\(namespace)/\(name)/\(instance)" }
}
