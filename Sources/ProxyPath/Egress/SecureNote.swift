internal import Journal
internal import MeshModel
internal import TransportSecurity

/// Why there is no TLS to a server.
enum SecureFailure: Error {
  /// One side does not believe the other, or does not understand it.
  case refused(TLSFault)
  /// What the rule names cannot be used; why, as a clause.
  case noMaterial(String)
}

/// What a worker tells the recorder of a server outside the mesh that it cannot speak TLS with. They are few, by
/// `SecureLimit.notesPerSecond`.
final class SecureNote: Sendable {
  let server: SocketAddress
  let name: String?
  let failure: SecureFailure

  init(server: SocketAddress, name: String?, failure: SecureFailure) {
    self.server = server
    self.name = name
    self.failure = failure
  }

  /// As it lies in a ring: whoever takes it out owns it.
  var owned: OwnedSecureNote { OwnedSecureNote(Unmanaged.passRetained(self).toOpaque()) }
}

/// A note that is on its way.
struct OwnedSecureNote: BitwiseCopyable {
  // Unsafe: one reference that `SecureNote.owned` took, given back by `take`, which is called once.
  private let pointer: UnsafeMutableRawPointer
  fileprivate init(_ pointer: UnsafeMutableRawPointer) { self.pointer = pointer }
  func take() -> SecureNote { Unmanaged<SecureNote>.fromOpaque(pointer).takeRetainedValue() }
}

extension SecureFailure: CustomStringConvertible {
  /// One sentence without its full stop: which side, what, and what to check.
  var description: String {
    switch self {
    case .refused(let fault): "\(fault)"
    case .noMaterial(let reason): "this proxy has nothing to begin with: \(reason)"
    }
  }
}

extension Recorder {
  /// Writes why there is no TLS to a server.
  func write(_ note: SecureNote) {
    journal.write(EventKind.serverRefused.importance) { entry in
      entry.start(.serverRefused)
      entry.open("MESSAGE")
      entry.write("no TLS to \(note.name.map { "\($0) at " } ?? "")\(note.server): \(note.failure)")
      entry.close()
      entry.append("WEFT_DIRECTION", Direction.outbound.rawValue)
      entry.append("WEFT_UPSTREAM", note.server)
      if let name = note.name { entry.append("WEFT_SNI", name) }
      entry.append("WEFT_REASON", "\(note.failure)")
      entry.append("WEFT_PROXY", origin)
    }
  }
}
