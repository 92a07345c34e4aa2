import ArgumentParser
import MeshDocuments

/// Documents that a command line names: `KIND`, `KIND NAME...` or `KIND/NAME...`.
struct DocumentTarget: Equatable {
  /// As documents write it where it is known; else as it was asked for, since the mesh can be newer than this weft.
  let kind: String
  /// Nil for all of the kind.
  let name: String?

  /// The word for every kind.
  static let everyKind = "all"

  static func targets(_ words: [String]) throws -> [DocumentTarget] {
    guard let first = words.first else {
      throw ValidationError("name a kind of document; known here: \(KindNames.known.joined(separator: ", "))")
    }
    guard words.contains(where: { $0.contains("/") }) else {
      let kind = kind(first)
      return words.count == 1 ? [.init(kind: kind, name: nil)] : words.dropFirst().map { .init(kind: kind, name: $0) }
    }
    return try words.map { word in
      let parts = word.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        throw ValidationError("\"\(word)\" is not KIND/NAME")
      }
      return .init(kind: kind(parts[0]), name: parts[1])
    }
  }

  private static func kind(_ word: String) -> String {
    word == everyKind ? "" : KindNames.kind(of: word) ?? word
  }

  /// Whether this weft knows the kind; if not, the mesh may.
  var isKnown: Bool { kind.isEmpty || KindNames.known.contains(kind) }
}
