import Foundation
import MeshModel
import Testing
import WeftTestKit

/// Messages of HTTP/2 that would be others once they are HTTP/1.1 again (CVE-2026-28898), by a peer with the mesh's identity: what is
/// refused of them is in PathMessageTests, here it is what a program gets.
@Suite("A message of two faces in HTTP/2")
struct MeshSmuggleTests {
  @Test("by a peer is no request, and its trailers are none of a head's fields")
  func requests() throws {
    let mesh = try MeshScene()
    let web = try mesh.web(portName: "http") { _ in .ok("hello") }
    let peer = try mesh.dial("two_faced", web.address.port)
    try peer.output.await("over")
    let said = peer.output.text.split(separator: "\n").filter { $0.hasSuffix(" reset") || $0.hasSuffix(" answered") }
    #expect(said.count == 24 && said.last == "trailers answered", "\(said)")
    // Fields that speak of a connection are refused, too: RFC 9113 section 8.2.2.
    let taken = said.dropLast().filter { !$0.hasSuffix(" reset") }
    #expect(taken.isEmpty, "\(taken)")
    let requests = web.requests
    #expect(requests.allSatisfy { !"\($0.head)\($0.body)".contains("evil") }, "\(requests)")
    let whole = requests.filter(\.isWhole)
    #expect(whole.map(\.head.target) == ["/trailers"] && whole.first?.body == "abc", "\(requests)")
    #expect(whole.first?.head.values("host").count == 1)
  }

  @Test("by a peer that was dialled is no answer")
  func answers() throws {
    let (mesh, url, peer) = try MeshScene.served(by: "two_faced")
    for name in ["line-in-status", "long-status", "line-in-value", "line-in-name", "chunked", "two-lengths"] {
      let answer = try Command("curl", ["-sS", "-i", "--max-time", "20", "-d", "once", "\(url)/\(name)"])
        .with(\.pod, mesh.scene.pods.client).run().output
      try peer.output.await("\n\(name)\n")
      #expect(
        answer.hasPrefix("HTTP/1.1 50") && !answer.contains("evil") && !answer.contains("body"),
        "\(name): \(answer)"
      )
    }
    #expect(try mesh.scene.get("\(url)/after", "-d", "once") == "body 200")
    #expect(!peer.output.text.contains("connection 2"), "\(peer.output.text)")
  }
}
