import Authority
import Foundation
import MeshAPI
import MeshModel
import SwiftProtobuf
import Testing
import TransportSecurity
import WeftTestKit

@testable import ProxyPath

/// An authority and what the Workload API gives of it.
struct IdentityScene {
  let domain: TrustDomain
  let authority: AuthorityState
  static let now_s: Int64 = 1_764_000_000

  init() throws {
    domain = try TrustDomain("mesh.test")
    authority = try AuthorityState(new: domain, now_s: Self.now_s)
  }

  func material(_ account: String = "web", later_s: Int64 = 0) throws -> MeshIdentity.Material {
    var random = SplitMix64(seed: 1)
    let id = try SPIFFEID.workload(domain, namespace: "shop", serviceAccount: account)
    let issued = try authority.issue(id, now_s: Self.now_s + later_s, using: &random)
    return MeshIdentity.Material(
      id: id,
      chain: Array(issued.certificate.chain.joined()),
      key: issued.key.bytes,
      bundle: Array(authority.bundle.roots.joined())
    )
  }

  func svid(_ account: String) throws -> X509SVID {
    let material = try material(account)
    return X509SVID.with {
      $0.spiffeID = "\(material.id)"
      $0.x509Svid = Data(material.chain)
      $0.x509SvidKey = Data(material.key)
      $0.bundle = Data(material.bundle)
    }
  }
}

@Suite("The identity of a proxy")
struct MeshIdentityTests {
  @Test("is the certificate, key and roots that the agent gave, and says when it ends")
  func made() throws {
    let scene = try IdentityScene()
    let material = try scene.material()
    let identity = try MeshIdentity(material, after: nil)
    #expect("\(identity.own.spiffeID)" == "spiffe://mesh.test/ns/shop/sa/web")
    #expect(identity.own.notBefore_s <= IdentityScene.now_s && identity.own.notAfter_s > IdentityScene.now_s + 80_000)
    #expect(identity.trust.rootFingerprints.count == 1)
    #expect(identity.trust.rootFingerprints[0].utf8.count == 64)
    #expect(identity.isSame(as: material))
    #expect(try !identity.isSame(as: scene.material(later_s: 60)))
  }

  @Test("keeps its ticket keys over a renewal of the leaf, and has others for another identity or other roots")
  func tickets() throws {
    let scene = try IdentityScene()
    let first = try MeshIdentity(scene.material(), after: nil)
    func renewed(_ material: MeshIdentity.Material) throws -> Bool {
      let next = try MeshIdentity(material, after: first)
      let contexts = (try WorkerIdentity(first), try WorkerIdentity(next))
      return try resumes(contexts.0, contexts.1)
    }
    #expect(try renewed(scene.material(later_s: 60)))
    let other = try scene.material()
    let stranger = try IdentityScene().material()
    let more = MeshIdentity.Material(
      id: other.id,
      chain: other.chain,
      key: other.key,
      bundle: other.bundle + stranger.bundle
    )
    #expect(try !renewed(more))
    var refusing = try scene.material()
    refusing.revoked = [[UInt8](repeating: 1, count: 32)]
    #expect(try !renewed(refusing), "whose intermediates are refused has changed")
    #expect(!first.isSame(as: refusing))
  }

  /// Whether a client that met `first` is known again by `second`.
  private func resumes(_ first: WorkerIdentity, _ second: WorkerIdentity) throws -> Bool {
    let client = first.client
    for (number, server) in [first.server, second.server].enumerated() {
      let (one, other) = (CipherBuffer(), CipherBuffer())
      var near = try TLSSession(client, with: .identity(first.identity.own.spiffeID))
      var far = try TLSSession(server, with: .member)
      var nothing = UnsafeRawBufferPointer(start: nil, count: 0)
      _ = near.shake(&nothing, into: one, now_s: IdentityScene.now_s)
      for _ in 0..<4 {
        pass(one) { _ = far.isEstablished ? .waiting : far.shake(&$0, into: other, now_s: IdentityScene.now_s) }
        var plain = [UInt8](repeating: 0, count: 64)
        pass(other) { bytes in
          if !near.isEstablished { _ = near.shake(&bytes, into: one, now_s: IdentityScene.now_s) }
          // The ticket comes behind the handshake.
          if near.isEstablished, !bytes.isEmpty {
            _ = plain.withUnsafeMutableBytes { near.open(&bytes, into: $0, answers: one) }
          }
        }
      }
      let (isEstablished, isResumed) = (near.isEstablished && far.isEstablished, near.isResumed)
      #expect(isEstablished)
      // OpenSSL does not take up a session again that was let go of without a goodbye (ssl_clear_bad_session).
      near.finish(into: one)
      if number == 1 { return isResumed }
    }
    return false
  }

  private func pass(_ buffer: CipherBuffer, _ body: (inout UnsafeRawBufferPointer) -> Void) {
    let bytes = Array(buffer.bytes)
    buffer.clear()
    guard !bytes.isEmpty else { return }
    bytes.withUnsafeBytes {
      var rest = $0
      body(&rest)
    }
  }

  @Test("is refused where a part of it is none, and said why")
  func refused() throws {
    let scene = try IdentityScene()
    let good = try scene.material()
    func fault(_ chain: [UInt8], _ key: [UInt8], _ bundle: [UInt8], id: SPIFFEID? = nil) -> String? {
      do throws(IdentityFault) {
        _ = try MeshIdentity(.init(id: id ?? good.id, chain: chain, key: key, bundle: bundle), after: nil)
        return nil
      } catch { return "\(error)" }
    }
    #expect(fault(good.chain, good.key, good.bundle) == nil)
    #expect(fault(good.chain + [0], good.key, good.bundle)?.contains("its chain is no list") == true)
    #expect(fault([], good.key, good.bundle)?.contains("its chain is no list") == true)
    #expect(fault(good.chain, good.key, [])?.contains("its bundle is no list") == true)
    #expect(fault(good.chain, [1], good.bundle)?.contains("private key") == true)
    var refusing = good
    refusing.revoked = [[1]]
    #expect(throws: IdentityFault.self) { try MeshIdentity(refusing, after: nil) }
    refusing.revoked = Array(repeating: [UInt8](repeating: 1, count: 32), count: 65)
    #expect(throws: IdentityFault.self) { try MeshIdentity(refusing, after: nil) }
    let other = try scene.material("other")
    #expect(fault(good.chain, other.key, good.bundle)?.contains("not the one of the leaf") == true)
    #expect(fault(good.chain, good.key, good.bundle, id: other.id)?.contains("its certificate is of spiffe://") == true)
  }
}

@Suite("Of the identities that a proxy is given")
struct IdentityChoiceTests {
  private let choice = IdentityChoice(namespace: "shop", serviceAccount: "web")

  @Test("the one of its namespace and account is taken, and the others are named")
  func several() throws {
    let scene = try IdentityScene()
    let response = try X509SVIDResponse.with { $0.svids = [try scene.svid("db"), try scene.svid("web")] }
    guard case .found(let material, let others) = choice.pick(response) else {
      Issue.record("it was not found")
      return
    }
    #expect("\(material.id)" == "spiffe://mesh.test/ns/shop/sa/web")
    #expect(others == ["spiffe://mesh.test/ns/shop/sa/db"])
    _ = try MeshIdentity(material, after: nil)
  }

  @Test("none is taken where it is not among them, or one has no name")
  func none() throws {
    let scene = try IdentityScene()
    let other = try X509SVIDResponse.with { $0.svids = [try scene.svid("db")] }
    guard case .missing(let others) = choice.pick(other) else {
      Issue.record("it was taken")
      return
    }
    #expect(others == ["spiffe://mesh.test/ns/shop/sa/db"])
    let broken = X509SVIDResponse.with { $0.svids = [X509SVID.with { $0.spiffeID = "web" }] }
    guard case .malformed = choice.pick(broken) else {
      Issue.record("it was read")
      return
    }
  }

  @Test("a few are named, and the others counted")
  func named() {
    #expect(IdentityChoice.list(["a", "b"]) == "a, b")
    #expect(IdentityChoice.list((0..<6).map { "\($0)" }) == "0, 1, 2, 3 and 2 more")
  }
}
