public import HTTP1
internal import MeshModel

/// A change of a request's path, ready to be made; the query stays as it is.
public enum CompiledPathEdit: Sendable {
  case full([UInt8])
  /// The first `count` bytes, which are the prefix that the rule matched without a slash at its end, give way to others.
  case prefix(count: Int, with: [UInt8])

  /// Nil where the edit cannot be made: it speaks of the prefix that matched, and the rule's matches have not all the same
  /// one (Gateway API refuses such a rule), or its text is not one line.
  init?(_ edit: HTTPRoute.PathEdit, of rule: HTTPRoute.Rule) {
    switch edit {
    case .replaceFull(let path):
      guard CompiledEdits.isSafe(path) else { return nil }
      self = .full(Array((path.isEmpty ? "/" : path).utf8))
    case .replacePrefix(let replacement):
      guard CompiledEdits.isSafe(replacement), let prefix = rule.commonPrefix else { return nil }
      self = .prefix(count: prefix.withoutFinalSlash.utf8.count, with: Array(replacement.utf8))
    }
  }

  /// Writes what becomes of `path`, which the rule has matched.
  public func write(_ path: UnsafeRawBufferPointer, into writer: inout HeadWriter) {
    switch self {
    case .full(let bytes): bytes.withUnsafeBytes { writer.put($0) }
    case .prefix(let count, let bytes):
      let rest = UnsafeRawBufferPointer(rebasing: path.dropFirst(count))
      // Gateway API's table (HTTPPathModifier): one slash stands where replacement and rest meet, and never none at all.
      let meets = bytes.last == UInt8(ascii: "/") && rest.first == UInt8(ascii: "/")
      bytes.withUnsafeBytes { writer.put(UnsafeRawBufferPointer(rebasing: $0.dropLast(meets ? 1 : 0))) }
      if bytes.isEmpty, rest.first != UInt8(ascii: "/") { writer.put(UInt8(ascii: "/")) }
      writer.put(rest)
    }
  }
}

extension HTTPRoute.Rule {
  /// The prefix that a request of this rule is known to have; nil where its matches differ or one is no prefix.
  var commonPrefix: String? {
    let prefixes = matches.map { match -> String? in
      switch match.path {
      case .prefix(let text): text
      case nil: "/"
      case .exact, .regex, .call: nil
      }
    }
    guard let first = prefixes.first else { return "/" }
    return prefixes.allSatisfy { $0 == first } ? first : nil
  }
}
