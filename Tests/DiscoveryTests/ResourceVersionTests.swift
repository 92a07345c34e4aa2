import Testing

@testable import Discovery

@Suite("Versions of resources")
struct ResourceVersionTests {
  @Test("Equal content has one version, which its text gives back, and other content has another")
  func hashing() {
    let version = ResourceVersion(of: Array("web".utf8))
    #expect(version == ResourceVersion(of: Array("web".utf8)))
    #expect(version != ResourceVersion(of: Array("wed".utf8)))
    #expect(version.description.utf8.count == 16)
    #expect(ResourceVersion(version.description) == version)
  }

  @Test("The version of no bytes never changes, since agents of two releases may follow each other")
  func stability() {
    #expect(ResourceVersion(of: []).description == "f52a15e9a9b5e89b")
  }

  @Test(
    "What no agent of ours wrote is no version",
    arguments: ["", "1", "+000000000000001", "000000000000000g", "0x00000000000001"]
  )
  func foreign(_ text: String) {
    #expect(ResourceVersion(text) == nil)
  }
}
