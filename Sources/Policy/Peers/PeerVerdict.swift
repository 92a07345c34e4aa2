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
    /// It has shown none, no document says anything, and it is not registered with the mesh.
    case stranger
    /// It has shown none, and `policy` says STRICT.
    case strict
    /// It has shown none, no document says anything, and it is registered with the mesh.
    case strictByDefault
  }

  init(_ reason: Reason, policy: UInt16 = none) {
    self.reason = reason
    self.policy = policy
  }
}

extension PeerVerdict.Reason {
  /// The reason as a sentence without its full stop.
  var sentence: String {
    switch self {
    case .identified: "the peer has shown an identity of the mesh"
    case .permissive: "the peer has shown no identity, and PERMISSIVE asks for none"
    case .disabled: "the peer has shown no identity, and DISABLE asks for none"
    case .stranger:
      "the peer has shown no identity; it is not registered with the mesh, and no PeerAuthentication asks for one"
    case .strict: "the peer has shown no identity, and STRICT asks for one: it must come by the mesh's mutual TLS"
    case .strictByDefault:
      "the peer has shown no identity, and is registered with the mesh, whose workloads must come by its mutual TLS where "
        + "no PeerAuthentication says otherwise"
    }
  }
}
