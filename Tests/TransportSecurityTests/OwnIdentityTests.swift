import Authority
import MeshModel
import Testing
import WeftTestKit

@testable import TransportSecurity

@Suite("What a proxy shows of itself")
struct OwnIdentityTests {
  private func error(_ chain: [[UInt8]], _ key: [UInt8], _ domain: TrustDomain) -> TransportSecurityError? {
    do throws(TransportSecurityError) { _ = try OwnIdentity(chain: chain, key: key, in: domain) } catch { return error }
    return nil
  }

  @Test("is refused before any peer could: broken DER, another key, no leaf, another domain")
  func refused() throws {
    let mesh = try TLSMesh()
    var random = SplitMix64(seed: 1)
    let one = try mesh.authority.issue(mesh.id("web"), now_s: TLSMesh.start_s, using: &random)
    let two = try mesh.authority.issue(mesh.id("web"), now_s: TLSMesh.start_s, using: &random)
    let (chain, key) = (one.certificate.chain, one.key.bytes)
    #expect(error(chain, key, mesh.domain) == nil)
    #expect(error([], key, mesh.domain) == .chainLength(0))
    #expect(error([chain[0] + [0]], key, mesh.domain) == .certificate(at: 0))
    #expect(error([chain[0], []], key, mesh.domain) == .certificate(at: 1))
    #expect(error(chain, [], mesh.domain) == .key)
    #expect(error(chain, two.key.bytes, mesh.domain) == .otherKey)
    #expect(error(chain.reversed(), key, mesh.domain) == .leaf(PeerFault(.usage)))
    #expect(try error(chain, key, TrustDomain("other.test")) == .leaf(PeerFault(.foreignTrustDomain)))
  }

  @Test("and whom it believes: roots of its domain, one to eight of them")
  func roots() throws {
    let mesh = try TLSMesh()
    let root = mesh.authority.bundle.roots[0]
    func error(_ roots: [[UInt8]], _ domain: TrustDomain) -> TransportSecurityError? {
      do throws(TransportSecurityError) { _ = try PeerTrust(domain, roots: roots) } catch { return error }
      return nil
    }
    #expect(error([root], mesh.domain) == nil)
    #expect(error([], mesh.domain) == .bundleLength(0))
    #expect(error(Array(repeating: root, count: 9), mesh.domain) == .bundleLength(9))
    #expect(error([root, Array(root.dropLast())], mesh.domain) == .root(at: 1))
    #expect(try error([root], TrustDomain("other.test")) == .root(at: 0))
    var random = SplitMix64(seed: 1)
    let leaf = try mesh.authority.issue(mesh.id("web"), now_s: TLSMesh.start_s, using: &random).certificate.chain
    #expect(error([leaf[0]], mesh.domain) == .root(at: 0))
    #expect(error([leaf[1]], mesh.domain) == .root(at: 0), "an intermediate has not signed itself")
  }

  @Test("is secret where it should be: ticket keys show nothing in text or dumps")
  func secret() throws {
    let keys = try TicketKeys()
    #expect("\(keys)" == "ticket keys")
    var text = ""
    dump(keys, to: &text)
    #expect(!text.contains("UInt8") && !text.contains("bytes"))
  }
}
