internal import MeshModel

extension CompiledRules {
  /// Whether the token has what an entry asks for; without a token nothing matches. A list matches where an element
  /// does, for ALLOW too: the issuer signed it as a whole, so nobody slipped an element in.
  func matchesToken(_ check: Check, _ token: VerifiedToken?) -> Bool {
    guard let token else { return false }
    switch check.subject {
    case .requestPrincipal: return matchesPrincipal(check.entries, token)
    case .presenter: return matchesAny(check.entries, text: token.presenter)
    case .audience:
      for audience in token.audiences where matchesAny(check.entries, text: audience) { return true }
      return false
    default:
      let path = claims[Int(check.name)]
      guard let value = token.claims[path] else { return false }
      return matches(value, check.entries, isSpaced: Self.isSpaced(path))
    }
  }

  /// Istio reads these two, where they are texts, as lists parted by spaces (RFC 8693 section 4.2 for `scope`).
  static func isSpaced(_ path: [String]) -> Bool { path == ["scope"] || path == ["permission"] }

  private func matchesPrincipal(_ slice: Slice, _ token: VerifiedToken) -> Bool {
    for index in stride(from: slice.indices.lowerBound, to: slice.indices.upperBound, by: 2) {
      // A token without a subject is nobody's, whatever a pattern asks.
      if !token.subject.isEmpty, matches(index, text: token.issuer), matches(index + 1, text: token.subject) {
        return true
      }
    }
    return false
  }

  /// A text, or a list with a text, that matches; numbers, truth values and objects never do, as in Istio.
  private func matches(_ value: ClaimValue, _ slice: Slice, isSpaced: Bool) -> Bool {
    switch value {
    case .text(let text): return isSpaced ? matchesWord(text, slice) : matchesAny(slice, text: text)
    case .list(let values):
      for value in values {
        if case .text(let text) = value, matchesAny(slice, text: text) { return true }
      }
      return false
    default: return false
    }
  }

  private func matchesWord(_ text: String, _ slice: Slice) -> Bool {
    Self.withBytes(of: text) { bytes in
      var rest = bytes[...]
      while let space = rest.firstIndex(of: 0x20) {
        if matchesAny(slice, UnsafeRawBufferPointer(rebasing: rest[..<space])) { return true }
        rest = rest[(space + 1)...]
      }
      return matchesAny(slice, UnsafeRawBufferPointer(rebasing: rest))
    }
  }

  private func matchesAny(_ slice: Slice, text: String) -> Bool {
    Self.withBytes(of: text) { matchesAny(slice, $0) }
  }

  private func matches(_ pattern: Int, text: String) -> Bool {
    Self.withBytes(of: text) { bytes in store.withUnsafeBytes { patterns[pattern].matches(bytes, $0) } }
  }

  /// The bytes where the text has them: a verified token's texts are Swift's own and are never copied.
  private static func withBytes<Result>(of text: String, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    if let result = text.utf8.withContiguousStorageIfAvailable({ body(UnsafeRawBufferPointer($0)) }) { return result }
    return Array(text.utf8).withUnsafeBytes(body)
  }
}
