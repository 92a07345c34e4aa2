import MeshModel
import Testing

@testable import Authority

@Suite("A root's statement of the mesh's roots")
struct TrustStatementTests {
  private let now_s: Int64 = 1_800_000_000

  private func authority(_ domain: String = "mesh.test") throws -> AuthorityState {
    try AuthorityState(new: TrustDomain(domain), now_s: now_s)
  }

  @Test("comes back from its bytes, and is believed by whoever has the root that signed it")
  func belief() throws {
    let authority = try authority()
    let statement = try authority.trustStatement()
    let read = try TrustStatement(decoding: statement.encoded)
    #expect(read == statement)
    #expect(read.bundle == authority.bundle)
    #expect(read.isSigned(byRootOf: authority.bundle))
  }

  @Test("leads from one root to the next: who has the old one believes the new one, and then what that signs")
  func rotation() throws {
    var authority = try authority()
    let first = authority.bundle
    _ = try authority.rotateRoot(now_s: now_s)
    let published = try authority.trustStatement()
    #expect(published.bundle.roots.count == 2 && published.isSigned(byRootOf: first))
    _ = try authority.tick(now_s: now_s + AuthorityTiming.propagation_s + 1)
    let moved = try authority.trustStatement()
    #expect(moved.root != published.root)
    #expect(moved.isSigned(byRootOf: published.bundle))
    #expect(!moved.isSigned(byRootOf: first), "a host that missed the publication joins anew")
  }

  @Test("is not believed of strangers, of other trust domains, nor with any byte changed")
  func forgery() throws {
    let own = try authority()
    let statement = try own.trustStatement()
    #expect(try !authority().trustStatement().isSigned(byRootOf: own.bundle))
    let renamed = TrustBundle(trustDomain: try TrustDomain("other.test"), version: 0, roots: own.bundle.roots)
    #expect(!statement.isSigned(byRootOf: renamed))
    let bytes = statement.encoded
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 0x01
      guard let read = try? TrustStatement(decoding: damaged) else { continue }
      #expect(!read.isSigned(byRootOf: own.bundle), "byte \(index)")
    }
  }
}
