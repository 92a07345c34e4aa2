internal import COpenSSL
internal import Glibc
internal import MeshModel

/// What the connections of one worker in one direction share: who we are, whom we believe, and the rules of TLS.
///
/// It never changes. A new leaf or bundle makes a new context; connections that stand go on with the one they began
/// with, which lives as long as they do. One worker uses it: what it remembers of peers has no lock, and the context that
/// follows for the same identity and roots shares it.
public final class TLSContext {
  /// Which end of a connection this is.
  public enum Role: Sendable {
    case client, server
  }

  /// Who we are.
  public let identity: OwnIdentity
  /// Whom we believe.
  public let trust: PeerTrust
  let role: Role
  let pointer: OpaquePointer
  let resumption: ResumptionCache?
  /// Sessions are found again only under the same name: a digest of who we are and of the roots.
  private let name: [UInt8]

  /// A context for mutual TLS between proxies.
  ///
  /// - Parameters:
  ///   - tickets: what a server seals tickets with; nil for clients, and for servers that resume nothing.
  ///   - earlier: the worker's context before a new leaf or bundle: where identity and roots are the same, its client goes on
  ///     with the sessions that it remembers.
  ///   - keyLog: a descriptor to which the secrets of all sessions are written (NSS key log format), so that captures can
  ///     be read; it stays the caller's, and open. Whoever reads it reads all traffic.
  public init(
    _ role: Role,
    _ identity: OwnIdentity,
    trusting trust: PeerTrust,
    tickets: TicketKeys? = nil,
    after earlier: TLSContext? = nil,
    keyLog: Int32? = nil
  ) throws(TransportSecurityError) {
    let name = try trust.digest(with: identity.spiffeID)
    guard let pointer = SSL_CTX_new(role == .client ? TLS_client_method() : TLS_server_method()) else { throw .taken() }
    self.identity = identity
    self.trust = trust
    self.role = role
    self.pointer = pointer
    self.name = name
    let kept = earlier?.name == name ? earlier?.resumption : nil
    resumption = role == .client ? kept ?? ResumptionCache() : nil
    try TLSRules.apply(to: pointer, role)
    try show(identity)
    try resume(tickets)
    if let keyLog { KeyLog.begin(of: pointer, to: keyLog) }
  }

  deinit { SSL_CTX_free(pointer) }

  private func show(_ identity: OwnIdentity) throws(TransportSecurityError) {
    guard SSL_CTX_use_certificate(pointer, identity.chain[0].pointer) == 1,
      SSL_CTX_use_PrivateKey(pointer, identity.key) == 1
    else { throw .taken() }
    for certificate in identity.chain.dropFirst() {
      guard weft_context_add_chain(pointer, certificate.pointer) == 1 else { throw .taken() }
    }
  }

  private func resume(_ tickets: TicketKeys?) throws(TransportSecurityError) {
    guard SSL_CTX_set_session_id_context(pointer, name, UInt32(name.count)) == 1 else { throw .taken() }
    switch role {
    case .client:
      weft_context_set_cache_mode(pointer, Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL))
      SSL_CTX_sess_set_new_cb(pointer) { session, ticket in
        guard let handshake = Handshake.of(session), let ticket else { return 0 }
        return handshake.keep(ticket) ? 1 : 0
      }
    case .server:
      weft_context_set_cache_mode(pointer, Int(SSL_SESS_CACHE_OFF))
      guard let tickets else {
        guard SSL_CTX_set_num_tickets(pointer, 0) == 1 else { throw .taken() }
        return
      }
      var keys = tickets.bytes
      guard SSL_CTX_set_num_tickets(pointer, TLSRules.tickets) == 1,
        weft_context_set_ticket_keys(pointer, &keys, keys.count) == 1
      else { throw .taken() }
      SSL_CTX_set_timeout(pointer, TLSRules.ticketLife_s)
    }
  }
}
