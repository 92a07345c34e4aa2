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
    private let leaf = Mutex<(host: String, leaf: [UInt8])?>(nil)
    private let why = Mutex<(any Error)?>(nil)

    func ends(ownLeaf: [UInt8]) throws -> PeerEnds {
      guard let seen = leaf.withLock({ $0 }) else { throw PeerError.hello("it showed no certificate") }
      return PeerEnds(host: seen.host, ownLeaf: ownLeaf, peerLeaf: seen.leaf)
    }

    /// Why the server was not believed, if it was not.
    var refusal: (any Error)? { why.withLock { $0 } }

    func note(_ host: String, _ der: [UInt8]) { leaf.withLock { $0 = (host, PeerTrust.digest(der)) } }

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
      guard let host = peer.spiffeID.hostName, expected == nil || host == expected else {
        throw PeerError.hello("\(peer.spiffeID) answers where the host \(expected ?? "of an agent") was expected")
      }
      return host
    }
  }

  /// A connection whose server's chain `judge` believes; it gives the host's name.
  static func transport(
    _ address: MeshModel.SocketAddress,
    identity: Identity?,
    seen: Seen,
    judge: @escaping @Sendable (_ chain: [[UInt8]]) throws -> String
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
        let host = try judge(der)
        seen.note(host, der[0])
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
