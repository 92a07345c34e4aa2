public import MeshModel

// Unchecked: the bytes are written before anybody else knows of them, and never again.
/// Who a peer has proved to be, laid out for policies to compare with: made once for a connection, read for every request.
public final class PeerName: @unchecked Sendable {
  /// The identity.
  public let id: SPIFFEID
  private let storage: UnsafeMutableRawBufferPointer
  private let namespaceRange: Range<Int>?

  /// The name of a peer whose certificate was verified.
  public init(_ id: SPIFFEID) {
    self.id = id
    let text = Array(id.description.utf8)
    storage = UnsafeMutableRawBufferPointer.allocate(byteCount: text.count, alignment: 1)
    storage.copyBytes(from: text)
    namespaceRange = id.workload.map { workload in
      let first = SPIFFEID.scheme.utf8.count + id.trustDomain.name.utf8.count + "/ns/".utf8.count
      return first..<first + workload.namespace.utf8.count
    }
  }

  deinit { storage.deallocate() }

  /// The SPIFFE ID's text; no longer there than the name is.
  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(storage) }

  /// The namespace in it, where it is a workload's; no longer there than the name is.
  public var namespace: UnsafeRawBufferPointer? {
    namespaceRange.map { UnsafeRawBufferPointer(rebasing: storage[$0]) }
  }
}

extension RequestFacts {
  /// The peer is `name`, which must stay as long as these facts are used; nil: it has shown no identity.
  @inline(__always)
  public mutating func identify(_ name: PeerName?) {
    peer = name?.bytes
    peerNamespace = name?.namespace
  }
}
