internal import MeshModel

/// What a worker tells the recorder of a connection to or from another proxy. There are few, each after a handshake, so that
/// one object each costs nothing beside it.
final class PeerNote: Sendable {
  /// What happened.
  enum Kind {
    /// Both have proved who they are.
    case connected
    /// It never came about, or TLS or HTTP/2 was broken.
    case refused
    /// It ended.
    case ended
  }

  let kind: Kind
  /// Whether the peer dialled.
  let isServer: Bool
  let peer: SocketAddress
  /// Who the peer has proved to be; nil where it has not.
  let identity: SPIFFEID?
  /// Who was wanted; nil for a peer that dialled.
  let expected: SPIFFEID?
  /// TLS's version, where it came about.
  let version: String
  let isResumed: Bool
  let end: PeerConnectionEnd?
  /// Requests and connections that it carried.
  let streams: UInt64
  let duration_ns: UInt64

  init(
    _ kind: Kind,
    isServer: Bool,
    peer: SocketAddress,
    identity: SPIFFEID?,
    expected: SPIFFEID?,
    version: String,
    isResumed: Bool,
    end: PeerConnectionEnd?,
    streams: UInt64,
    duration_ns: UInt64
  ) {
    self.kind = kind
    self.isServer = isServer
    self.peer = peer
    self.identity = identity
    self.expected = expected
    self.version = version
    self.isResumed = isResumed
    self.end = end
    self.streams = streams
    self.duration_ns = duration_ns
  }

  /// As it lies in a ring: whoever takes it out owns it.
  var owned: OwnedPeerNote { OwnedPeerNote(Unmanaged.passRetained(self).toOpaque()) }
}

/// A note that is on its way.
struct OwnedPeerNote: BitwiseCopyable {
  // Unsafe: one reference that `PeerNote.owned` took, given back by `take`, which is called once.
  private let pointer: UnsafeMutableRawPointer
  fileprivate init(_ pointer: UnsafeMutableRawPointer) { self.pointer = pointer }
  func take() -> PeerNote { Unmanaged<PeerNote>.fromOpaque(pointer).takeRetainedValue() }
}
