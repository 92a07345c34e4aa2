internal import MeshModel

extension TextMatch {
  /// Whether `text` matches, byte by byte; `.present` wants at least one byte. For compiling and explaining.
  func matches(_ text: [UInt8]) -> Bool {
    switch self {
    case .exact(let wanted): text.elementsEqual(wanted.utf8)
    case .prefix(let wanted): text.starts(with: wanted.utf8)
    case .suffix(let wanted): text.reversed().starts(with: wanted.utf8.reversed())
    case .present: !text.isEmpty
    }
  }

  /// A pattern for SPIFFE IDs without the scheme, which documents leave out.
  var withoutScheme: TextMatch {
    let scheme = "spiffe://"
    switch self {
    case .exact(let text) where text.hasPrefix(scheme): return .exact(String(text.dropFirst(scheme.count)))
    case .prefix(let text) where text.hasPrefix(scheme):
      // `spiffe://*` asks for any ID, as a prefix of nothing does once there is one.
      return text == scheme ? .present : .prefix(String(text.dropFirst(scheme.count)))
    default: return self
    }
  }

  /// As a pattern for `issuer/subject`: one for each, parted at the last slash since issuers are URLs. As Istio does,
  /// a prefix without a slash speaks of the issuer only, and a suffix without one of the subject only.
  var issuerAndSubject: (issuer: TextMatch, subject: TextMatch) {
    guard let text else { return (.present, .present) }
    let slash = text.lastIndex(of: "/")
    let before = slash.map { String(text[..<$0]) }
    let after = slash.map { String(text[text.index(after: $0)...]) }
    switch self {
    case .prefix:
      guard let before, let after else { return (self, .present) }
      return (.exact(before), after.isEmpty ? .present : .prefix(after))
    case .suffix:
      guard let before, let after else { return (.present, self) }
      return (before.isEmpty ? .present : .suffix(before), .exact(after))
    case .exact, .present:
      return (.exact(before ?? text), .exact(after ?? ""))
    }
  }
}

extension [TextMatch] {
  /// The blocks that the texts write, single addresses too; nil where one writes none.
  func prefixes() -> [IPPrefix]? {
    let blocks = compactMap { match -> IPPrefix? in
      guard case .exact(let text) = match else { return nil }
      return IPPrefix(text) ?? IPAddress(text).flatMap { IPPrefix($0, length: $0.isIPv4 ? 32 : 128) }
    }
    return blocks.count == count ? blocks : nil
  }

  /// The ports that the texts write; nil where one writes none.
  func ports() -> [UInt16]? {
    let ports = compactMap { match -> UInt16? in
      guard case .exact(let text) = match, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
      return UInt16(text)
    }
    return ports.count == count ? ports : nil
  }
}
