internal import Kernel
internal import MeshModel
internal import TransportSecurity

/// Who this proxy is to its peers, and whom it believes: one certificate and one bundle. It never changes; a renewal makes
/// another, for new sessions. Each worker makes its own contexts of it (`WorkerIdentity`).
final class MeshIdentity: Sendable {
  let own: OwnIdentity
  let trust: PeerTrust
  /// What all workers seal tickets with: the same after a renewal of the leaf, so that peers go on where they were, and
  /// others for another identity or other roots.
  let tickets: TicketKeys
  /// DER of the chain, leaf first, and of the roots, as they came: by these it is told whether an answer is news.
  let chain: [UInt8]
  let bundle: [UInt8]
  /// Fingerprints of the keys of hosts whose intermediates are refused.
  let revoked: [[UInt8]]

  /// What the Workload API gives with one identity, in its form.
  struct Material {
    let id: SPIFFEID
    /// DER, one behind the other, leaf first.
    let chain: [UInt8]
    /// PKCS #8.
    private(set) var key: [UInt8]
    /// DER, one behind the other.
    let bundle: [UInt8]
    /// SHA-256 of the keys of hosts that have the authority's role no more: Weft's own, beside what SPIFFE has.
    var revoked: [[UInt8]]

    /// Takes the parts as they came.
    init(id: SPIFFEID, chain: [UInt8], key: [UInt8], bundle: [UInt8], revoked: [[UInt8]] = []) {
      (self.id, self.chain, self.key, self.bundle, self.revoked) = (id, chain, key, bundle, revoked)
    }

    /// Zeroes the key, where nobody else holds a copy of this.
    mutating func wipeKey() {
      key.withUnsafeMutableBytes { WipedBytes.wipe($0) }
      key = []
    }
  }

  /// Takes what the agent gave, whole or not at all: contexts are made of it once, so that no worker meets what cannot be
  /// used.
  init(_ material: Material, after earlier: MeshIdentity?) throws(IdentityFault) {
    guard let chain = CertificateList.split(material.chain, limit: CertificateLimit.chain), !chain.isEmpty else {
      throw .unreadable("its chain is no list of 1 to \(CertificateLimit.chain) certificates in DER")
    }
    guard let roots = CertificateList.split(material.bundle, limit: CertificateLimit.roots), !roots.isEmpty else {
      throw .unreadable("its bundle is no list of 1 to \(CertificateLimit.roots) certificates in DER")
    }
    guard material.revoked.count <= CertificateLimit.revokedSigners, material.revoked.allSatisfy({ $0.count == 32 })
    else { throw .unreadable("what it refuses is no list of \(CertificateLimit.revokedSigners) fingerprints at most") }
    do throws(TransportSecurityError) {
      own = try OwnIdentity(chain: chain, key: material.key, in: material.id.trustDomain)
      trust = try PeerTrust(material.id.trustDomain, roots: roots, revoked: material.revoked)
    } catch { throw .unusable(error) }
    guard own.spiffeID == material.id else { throw .unreadable("its certificate is of \(own.spiffeID)") }
    self.chain = material.chain
    self.bundle = material.bundle
    revoked = material.revoked
    do throws(TransportSecurityError) {
      if let earlier, earlier.own.spiffeID == own.spiffeID, earlier.bundle == material.bundle,
        earlier.revoked == material.revoked
      {
        tickets = earlier.tickets
      } else {
        tickets = try TicketKeys()
      }
      _ = try WorkerIdentity(self)
    } catch { throw .unusable(error) }
  }

  /// Whether it is what came before.
  func isSame(as material: Material) -> Bool {
    chain == material.chain && bundle == material.bundle && revoked == material.revoked
  }
}

/// Why an identity that the agent gave cannot be used.
enum IdentityFault: Error, Equatable, CustomStringConvertible {
  /// It is not in the form of the Workload API.
  case unreadable(String)
  /// A certificate, key or root is not what peers take.
  case unusable(TransportSecurityError)

  /// One sentence without its full stop.
  var description: String {
    switch self {
    case .unreadable(let reason): "what the agent gave cannot be read: \(reason)"
    case .unusable(let error): "what the agent gave cannot be used: \(error)"
    }
  }
}
