/// What was decided about who connects, small enough to keep with the connection (4 bytes).
///
/// The index is that of the documents that the `PeerRules` was made from, and means something only to it.
public struct PeerVerdict: Hashable, Sendable, BitwiseCopyable {
  /// Why it was decided so.
  public let reason: Reason
  /// Index of the document that decided; `none` where none did.
  public let policy: UInt16

  /// The index that names no document.
  public static let none = UInt16.max

  /// Whether the connection may go on.
  public var isAllowed: Bool { reason != .strict && reason != .strictByDefault }

  /// Why somebody was let in or not.
  public enum Reason: UInt8, Hashable, Sendable, BitwiseCopyable, CaseIterable {
    /// The peer has shown an identity of the mesh.
    case identified
    /// It has shown none, and `policy` says PERMISSIVE.
    case permissive
    /// It has shown none, and `policy` says DISABLE.
    case disabled
    /// It has shown none, no document says anything, and the mesh has no proxy where it comes from, or none here.
    case stranger
    /// It has shown none, and `policy` says STRICT.
    case strict
    /// It has shown none, no document says anything, and the mesh has a proxy at both ends.
    case strictByDefault
  }

  init(_ reason: Reason, policy: UInt16 = none) {
    self.reason = reason
    self.policy = policy
  }
}

extension PeerVerdict.Reason {
  /// The reason as a sentence without its full stop; where somebody is refused, with what to do about it.
  var sentence: String {
    switch self {
    case .identified: "the peer has shown an identity of the mesh"
    case .permissive: "the peer has shown no identity, and PERMISSIVE asks for none"
    case .disabled: "the peer has shown no identity, and DISABLE asks for none"
    case .stranger:
      "the peer has shown no identity; the mesh has no proxy at both ends, and no PeerAuthentication asks for one"
    case .strict: "the peer has shown no identity, and STRICT asks for one: \(Self.remedy)"
    case .strictByDefault:
      "the peer has shown no identity, and must where the mesh has a proxy at both ends and no PeerAuthentication says "
        + "otherwise: \(Self.remedy)"
    }
  }

  private static let remedy =
    "let it come through a proxy of the mesh that knows this one, or say PERMISSIVE for the port, until weft.mesh/expires"
}
