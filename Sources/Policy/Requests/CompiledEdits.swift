public import HTTP1
internal import MeshModel

/// Changes of header fields, ready to be made: names to take away, and finished lines to add.
public struct CompiledEdits: Sendable {
  /// Names in lower case whose fields are taken away, all of each.
  public private(set) var removed: [[UInt8]] = []
  /// What is added, as `name: value` lines with their CRLF.
  public private(set) var appended: [UInt8] = []
  /// A Host that was set: it is no field to a proxy, which writes it itself.
  private(set) var host: String?

  /// No change.
  public static let none = CompiledEdits([])

  /// Whether nothing is changed.
  public var isEmpty: Bool { removed.isEmpty && appended.isEmpty }

  /// The changes of several filters, one after the other, as one.
  ///
  /// Fields of framing and of the connection are the proxy's, and lines with control characters would be several: documents
  /// that ask for such are refused where they are read, and have no effect here, whatever way they came.
  init(_ filters: [HTTPRoute.HeaderEdits]) {
    var added: [HTTPRoute.Header] = []
    for edits in filters {
      for field in edits.set where Self.isAllowed(field) {
        added.removeAll { $0.name == field.name }
        remove(field.name)
        added.append(field)
      }
      host = edits.set.last { $0.name == "host" && Self.isSafe($0.value) }?.value ?? host
      added += edits.add.filter(Self.isAllowed)
      for name in edits.remove where !Self.owned.contains(name) {
        added.removeAll { $0.name == name }
        remove(name)
      }
    }
    for field in added { appended += Array("\(field.name): \(field.value)\r\n".utf8) }
  }

  private mutating func remove(_ name: String) {
    let bytes = Array(name.utf8)
    if !removed.contains(bytes) { removed.append(bytes) }
  }

  /// Names that no document may set, add or take away.
  static let owned: Set<String> = [
    "host", "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection", "te", "trailer",
    "upgrade",
  ]

  private static func isAllowed(_ field: HTTPRoute.Header) -> Bool {
    !owned.contains(field.name) && !field.name.isEmpty
      && field.name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") } && isSafe(field.value)
  }

  /// Whether a text can stand in a line without ending it.
  static func isSafe(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f } }

  /// Marks the fields that are taken away as not to be written; `appended` is to be written behind the rest.
  public func drop(from fields: inout FieldTable) {
    for name in removed {
      name.withUnsafeBytes { name in
        while let index = fields.firstIndex(named: name) { fields.drop(at: index) }
      }
    }
  }
}
