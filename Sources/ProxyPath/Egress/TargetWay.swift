internal import MeshModel
internal import Policy

/// How an endpoint is spoken to: part of what an entry of the `TargetTable` is found by, so that connections that are not
/// alike never meet in one pool.
struct TargetWay: Hashable, BitwiseCopyable {
  private let rawValue: UInt32

  /// By the mesh's mutual TLS where it belongs to the mesh, else as it came.
  static let usual = TargetWay(rawValue: 0)
  /// As it came, though it belong to the mesh.
  static let plain = TargetWay(rawValue: 1)
  /// By the mesh's mutual TLS and nothing else.
  static let mesh = TargetWay(rawValue: 2)

  private static let first: UInt32 = 3
  private static let askingBit: UInt32 = 1 << 31

  private init(rawValue: UInt32) { self.rawValue = rawValue }

  /// A TLS of a rule's own, by its number in the table; `asksName` where its server is asked for what the client names.
  init(_ number: Int, asksName: Bool) {
    rawValue = Self.first + UInt32(truncatingIfNeeded: number) | (asksName ? Self.askingBit : 0)
  }

  /// Whether connections to one endpoint may differ in the name that was asked for.
  @inline(__always) var asksName: Bool { rawValue & Self.askingBit != 0 }

  /// Number of the TLS; nil where it is none of a rule's own.
  var number: Int? {
    let bare = rawValue & ~Self.askingBit
    return bare < Self.first ? nil : Int(bare - Self.first)
  }

  /// Whose proxy is asked in the endpoint's place.
  func peer(of endpoint: Endpoint) -> PeerKey? {
    switch self {
    case .usual, .mesh: PeerKey(endpoint)
    default: nil
    }
  }
}
