import Authority
import Testing

@testable import TransportSecurity

@Suite("Certificates one behind the other")
struct CertificateListTests {
  @Test("are told apart by their lengths, of one byte and of several")
  func split() throws {
    let mesh = try TLSMesh()
    let roots = mesh.authority.bundle.roots + (try TLSMesh().authority.bundle.roots)
    #expect(CertificateList.split(Array(roots.joined()), limit: 4) == roots)
    let short: [UInt8] = [0x30, 1, 7]
    let middle: [UInt8] = [0x30, 0x81, 200] + [UInt8](repeating: 7, count: 200)
    #expect(CertificateList.split(short + middle + short, limit: 4) == [short, middle, short])
    #expect(CertificateList.split([], limit: 4) == [])
  }

  @Test("are nothing where one is cut off, of another kind or one too many")
  func wrong() throws {
    let root = try TLSMesh().authority.bundle.roots[0]
    for count in 1..<root.count { #expect(CertificateList.split(Array(root.prefix(count)), limit: 4) == nil) }
    #expect(CertificateList.split(root + root + root, limit: 2) == nil)
    #expect(CertificateList.split([0x31, 0], limit: 4) == nil)
    #expect(CertificateList.split([0x30, 0x80], limit: 4) == nil)
    #expect(CertificateList.split([0x30, 0x84, 0xff, 0xff, 0xff, 0xff], limit: 4) == nil)
  }
}
