import Foundation
import MeshModel
import Testing
import WeftTestKit

@Suite("An identity that asks for more than its share of a proxy")
struct PeerShareTests {
  /// Descriptors of each proxy: without those it keeps back, some 230 connections.
  private static let descriptors = 600
  /// Tunnels that `mesh_peer.py` asks for.
  private static let asked = 400

  @Test("by tunnels over several connections is refused the rest, counted and told of once, and others are served")
  func tunnels() throws {
    let mesh = try MeshScene { $0.descriptorLimit = Self.descriptors }
    let web = try mesh.web(portName: "http") { _ in .ok("hello") }
    let url = "http://\(try mesh.scene.address(of: "web")):\(web.address.port)"
    let held = try mesh.scene.pods.server.startDeafListener(at: 9000)
    let flood = try mesh.dial("flood", 9000)
    try flood.output.await("refused", within: .seconds(30))
    let numbers = flood.output.text.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
    let (standing, refused) = (try #require(numbers.first), try #require(numbers.dropFirst().first))
    #expect(standing + refused == Self.asked && (190...230).contains(standing), "\(flood.output.text)")
    // Who is somebody else finds room, and the same identity none, whichever proxy has it.
    let other = try mesh.dial("ask", web.address.port, from: mesh.scene.pods.server)
    try other.output.await("answered")
    #expect(try mesh.scene.get("\(url)/full", "-o", "/dev/null") == " 503")
    try mesh.scene.client.record("of the request") { $0["PATH"] == "/full" && $0["REASON"] == "connect-failed" }
    let told = try mesh.scene.server.record("of the flood") {
      $0["EVENT"] == "peer-refused" && $0.message.contains("its identity holds as much of a worker")
    }
    #expect(told["PEER_IDENTITY"] == MeshScene.shop && told["DIRECTION"] == "inbound", "\(told)")
    #expect(mesh.scene.server.records.filter { $0.message.contains("its identity holds") }.count == 1)
    let metrics = try mesh.scene.server.get("/metrics", port: 15020).output
    let line = try #require(metrics.split(separator: "\n").first { $0.hasPrefix("weft_peer_share_refusals_total ") })
    #expect(try #require(Int(line.split(separator: " ")[1])) > refused, "\(line)")
    flood.kill()
    #expect(try mesh.scene.answer("\(url)/again", becomes: "hello 200") == "hello 200")
    withExtendedLifetime(held) {}
  }
}
