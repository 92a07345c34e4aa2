internal import Foundation
internal import Synchronization

/// What makes this host one of its mesh, in a file beside its keys: a database that is damaged and set aside takes neither
/// the mesh's roots nor the host's name with it.
///
/// A line for each setting, its name and its value in base64, in the order of names; before them a line that says what it
/// is, and after them the sum of all before. It is written anew with each change, of which there are few.
final class SettingsFile: Sendable {
  static let name = "mesh.settings"

  private let file: AtomicFile
  private let values: Mutex<[String: [UInt8]]>
  /// Whether it was there when it was opened.
  let wasThere: Bool

  private static let head = "weft-settings 1"

  /// Reads what `place` has.
  init(_ place: StoreDirectory) throws(AgentStoreError) {
    file = AtomicFile(
      directory: place.path,
      name: Self.name,
      limit: AgentStoreLimits.settingsFileBytes,
      what: "the settings"
    )
    guard let bytes = try file.read() else {
      wasThere = false
      values = Mutex([:])
      return
    }
    wasThere = true
    do throws(Damage) { values = Mutex(try Self.decode(bytes)) } catch {
      throw .damagedSettings(path: file.path, said: error.what)
    }
  }

  /// All settings.
  var all: [String: [UInt8]] { values.withLock { $0 } }

  /// Puts settings, or removes those whose value is nil, all at once; they are on disk when this returns.
  func set(_ changes: [String: [UInt8]?]) throws(AgentStoreError) {
    for (key, value) in changes {
      let isName = key.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
      guard isName, !key.isEmpty, key.utf8.count <= AgentStoreLimits.keyBytes else {
        throw .refused(path: file.path, reason: "\"\(key.prefix(40))\" is no name of a setting")
      }
      guard value?.count ?? 0 <= AgentStoreLimits.valueBytes else {
        throw .refused(path: file.path, reason: "\(key): a value of \(value?.count ?? 0) bytes is not kept")
      }
    }
    // Under the lock, so that two changes at once are one after the other on disk as they are in memory.
    try values.withLock { values throws(AgentStoreError) in
      var next = values
      for (key, value) in changes { next[key] = value }
      try file.write(Self.encode(next))
      values = next
    }
  }

  private static func encode(_ values: [String: [UInt8]]) -> [UInt8] {
    var text = head + "\n"
    for (key, value) in values.sorted(by: { $0.key < $1.key }) {
      text += "\(key) \(Data(value).base64EncodedString())\n"
    }
    let bytes = Array(text.utf8)
    return bytes + Array("\(sumLine(bytes))\n".utf8)
  }

  private static func sumLine(_ bytes: [UInt8]) -> String {
    "sum \(String(UInt64(bitPattern: RowSum(0, bytes).value), radix: 16))"
  }

  private struct Damage: Error { let what: String }

  private static func decode(_ bytes: [UInt8]) throws(Damage) -> [String: [UInt8]] {
    guard let end = bytes.dropLast().lastIndex(of: UInt8(ascii: "\n")), bytes.last == UInt8(ascii: "\n") else {
      throw Damage(what: "it has no last line")
    }
    let body = Array(bytes[...end])
    guard String(decoding: bytes[(end + 1)...].dropLast(), as: UTF8.self) == sumLine(body) else {
      throw Damage(what: "it has not the sum that its last line names")
    }
    let lines = String(decoding: body, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      .dropLast()
    guard lines.first.map(String.init) == head else { throw Damage(what: "its first line is not \"\(head)\"") }
    var values: [String: [UInt8]] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let value = Data(base64Encoded: String(parts[1])) else {
        throw Damage(what: "a line is not a name and its value in base64")
      }
      values[String(parts[0])] = [UInt8](value)
    }
    return values
  }
}
