/// A value of a token's claims: JSON (RFC 8259) as it was read, numbers in the text they came in.
public indirect enum ClaimValue: Hashable, Sendable {
  case null
  case boolean(Bool)
  /// As it was written, since no number type of ours holds every JSON number.
  case number(String)
  case text(String)
  case list([ClaimValue])
  /// Members in their order; no name comes twice.
  case object([Member])

  /// A member of an object.
  public struct Member: Hashable, Sendable {
    /// Its name, as the issuer wrote it.
    public var name: String
    /// What it holds.
    public var value: ClaimValue

    /// A member.
    public init(_ name: String, _ value: ClaimValue) {
      self.name = name
      self.value = value
    }
  }

  /// The member called `name`, compared byte by byte; nil where there is none or this is no object.
  public subscript(name: String) -> ClaimValue? {
    guard case .object(let members) = self else { return nil }
    // String's own == takes texts for equal that differ in bytes; to an issuer they are different claims.
    return members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
  }

  /// What lies at `path`, a name for each level of objects; an empty path is the value itself.
  public subscript(path: [String]) -> ClaimValue? {
    var value = self
    for name in path {
      guard let next = value[name] else { return nil }
      value = next
    }
    return value
  }

  /// The text, where it is one.
  public var text: String? {
    guard case .text(let text) = self else { return nil }
    return text
  }
}
