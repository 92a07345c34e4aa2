internal import Journal
internal import MeshModel
internal import TransportSecurity

/// Why there is no TLS to a server.
enum SecureFailure: Error {
  /// One side does not believe the other, or does not understand it.
  case refused(TLSFault)
  /// It does not speak HTTP/2 (ALPN); what it chose to speak, nil for nothing.
  case otherProtocol([UInt8]?)
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
    case .refused(.alert(TLSFault.noApplicationProtocol)):
      "the peer refused: it speaks nothing that it was asked for by ALPN (no_application_protocol); see the port's protocol"
    case .refused(let fault): "\(fault)"
    case .otherProtocol(let chosen):
      "asked for HTTP/2 by ALPN the server chose \(chosen.map(Self.text) ?? "nothing"); does it speak it? See the port's protocol"
    case .noMaterial(let reason): "this proxy has nothing to begin with: \(reason)"
    }
  }
}

extension SecureFailure {
  /// A protocol's name (RFC 7301 section 6), which may be any bytes: what is no plain text as hexadecimal digits.
  private static func text(_ name: [UInt8]) -> String {
    guard name.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      return "0x" + name.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
    return String(decoding: name, as: UTF8.self)
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
