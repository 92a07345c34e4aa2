internal import Authority
internal import Foundation
internal import GRPCCore
internal import GRPCNIOTransportCore
internal import GRPCNIOTransportHTTP2Posix
internal import MeshModel
internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// Makes connections to other agents. Each is made with the certificate and the bundle of its moment, and used for one
/// stream or call, so there is nothing to renew.
enum PeerDialer {
  /// What the server showed, once it has.
  final class Seen: Sendable {
    private let certificates = Mutex<(chain: [[UInt8]], identity: PeerIdentity)?>(nil)
    private let why = Mutex<(any Error)?>(nil)

    /// Its chain, DER, leaf first, and whose it is.
    var shown: (chain: [[UInt8]], identity: PeerIdentity) {
      get throws {
        guard let shown = certificates.withLock({ $0 }) else { throw PeerError.hello("it showed no certificate") }
        return shown
      }
    }

    func ends(ownLeaf: [UInt8]) throws -> PeerEnds {
      let (chain, identity) = try shown
      guard let leaf = chain.first, let host = identity.spiffeID.hostName else {
        throw PeerError.hello("\(identity.spiffeID) is no host")
      }
      return PeerEnds(host: host, ownLeaf: ownLeaf, peerLeaf: PeerTrust.digest(leaf))
    }

    /// Why the server was not believed, if it was not.
    var refusal: (any Error)? { why.withLock { $0 } }

    func note(_ identity: PeerIdentity, _ chain: [[UInt8]]) { certificates.withLock { $0 = (chain, identity) } }

    func note(_ error: any Error) { why.withLock { $0 = error } }
  }

  /// A connection as this host, to `host`, or to any host of the mesh where it is nil.
  static func transport(
    _ address: MeshModel.SocketAddress,
    as state: PeerTrust.State,
    host expected: String?,
    seen: Seen
  ) throws -> HTTP2ClientTransport.Posix {
    try transport(address, identity: state.identity, seen: seen) { chain in
      let peer = try PeerChain.verified(chain, by: state.verifier)
      guard let host = peer.spiffeID.hostName, host == expected ?? host else {
        throw PeerError.hello("\(peer.spiffeID) answers where the host \(expected ?? "of an agent") was expected")
      }
      return peer
    }
  }

  /// A connection whose server's chain `judge` believes; nil from it: whoever it is, it may answer.
  static func transport(
    _ address: MeshModel.SocketAddress,
    identity: Identity?,
    seen: Seen,
    judge: @escaping @Sendable (_ chain: [[UInt8]]) throws -> PeerIdentity?
  ) throws -> HTTP2ClientTransport.Posix {
    var tls = HTTP2ClientTransport.Posix.TransportSecurity.TLS.defaults
    if let identity {
      tls.certificateChain = identity.certificate.chain.map { .bytes($0, format: .der) }
      tls.privateKey = .bytes(identity.key.bytes, format: .der)
    }
    tls.trustRoots = .certificates([])
    tls.serverCertificateVerification = .noHostnameVerification
    tls.customVerificationCallback = { chain, verdict in
      do {
        let der = try chain.prefix(AuthorityLimit.chainCertificates + 1).map { try $0.toDERBytes() }
        if let identity = try judge(der) { seen.note(identity, der) }
        verdict.succeed(.certificateVerified(VerificationMetadata(nil)))
      } catch {
        seen.note(error)
        verdict.succeed(.failed)
      }
    }
    var config = HTTP2ClientTransport.Posix.Config.defaults
    config.connection.keepalive = .init(time: .seconds(20), timeout: .seconds(5), allowWithoutCalls: false)
    let port = Int(address.port)
    let target: any ResolvableTarget =
      address.ip.isIPv4 ? .ipv4(address: "\(address.ip)", port: port) : .ipv6(address: "\(address.ip)", port: port)
    return try HTTP2ClientTransport.Posix(target: target, transportSecurity: .tls(tls), config: config)
  }
}
