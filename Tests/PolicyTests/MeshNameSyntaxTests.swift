import Policy
import Testing

@Suite("Whether a host may be a service's name") struct MeshNameSyntaxTests {
  private func mayName(_ host: String) -> Bool { Array(host.utf8).withUnsafeBytes { RequestTable.mayName($0) } }

  @Test(
    "it may in each of their forms",
    arguments: ["web", "WEB.", "web.shop", "web.shop.svc", "web.shop.svc.cluster.local", "a-b.1.mesh.", "example.com"]
  )
  func names(host: String) { #expect(mayName(host)) }

  @Test(
    "it may not where it is an address, a name of another form, or has labels that DNS does not have",
    arguments: [
      "", ".", "10.0.0.1", "[::1]", "www.example.com", "web.shop.svc.example", "-web", "web-", "we_b", "web..mesh",
      "web.-shop", "w%20b",
    ]
  )
  func others(host: String) { #expect(!mayName(host)) }

  @Test("a label has at most 63 bytes")
  func length() {
    let label = String(repeating: "a", count: 63)
    #expect(mayName("\(label).\(label).svc.cluster.local."))
    #expect(!mayName("\(label)a") && !mayName("web.\(label)a"))
  }
}
