internal import COpenSSL

/// What a server seals session tickets with (RFC 8446 section 4.6.1). The workers of a proxy share one, so that a client
/// that comes to another of them can still go on where it was.
public struct TicketKeys: Sendable, CustomStringConvertible, CustomReflectable {
  /// A name of 16 bytes, and 32 each for HMAC-SHA-256 and AES-256 (SSL_CTX_set_tlsext_ticket_key_cb(3)).
  static let count = 80
  let bytes: [UInt8]

  /// Fresh ones.
  public init() throws(TransportSecurityError) {
    var bytes = [UInt8](repeating: 0, count: Self.count)
    guard RAND_bytes(&bytes, Int32(Self.count)) == 1 else { throw .taken() }
    self.bytes = bytes
  }

  /// That they are secret, and nothing more.
  public var description: String { "ticket keys" }
  /// Without children: no dump shows them.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
