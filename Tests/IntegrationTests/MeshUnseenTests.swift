import Foundation
import MeshModel
import Testing
import WeftTestKit

/// Programs behind a peer whose requests are asked again, as theirs say that they have not looked at them.
@Suite("A proxy whose peer")
struct MeshUnseenTests {
  @Test(
    "has a program that refuses requests unseen, or says goodbye to them, passes that on, and they are asked again",
    arguments: ["reluctant", "departing"]
  )
  func unseenBehind(_ mode: String) throws {
    let mesh = try MeshScene()
    let program = try MeshPeer.serve(mode, at: 8080, in: mesh.scene.pods.server)
    try mesh.register("web", port: 8080, portName: "http2")
    let url = "http://\(try mesh.scene.address(of: "web")):8080"
    #expect(try mesh.scene.get("\(url)/a", "-d", "once") == "at last 200")
    let record = try mesh.scene.client.record("of the request") { $0["PATH"] == "/a" }
    #expect(record["STATUS"] == "200" && record["RETRIES"] == "1", "\(record)")
    try mesh.scene.server.record("of the first try") { $0["PATH"] == "/a" && $0["REASON"] == "refused-unseen" }
    // Whoever looks whether it listens may have used a connection or two up.
    let count = program.count(of: "unseen")
    #expect((3...4).contains(count), "\(program.output.text)")
  }

  @Test("has a program that refuses every request unseen is asked no more often than it may, and the flags say why")
  func unwilling() throws {
    let mesh = try MeshScene()
    let program = try MeshPeer.serve("unwilling", at: 8080, in: mesh.scene.pods.server)
    try mesh.register("web", port: 8080, portName: "http2")
    let url = "http://\(try mesh.scene.address(of: "web")):8080"
    #expect(try mesh.scene.get("\(url)/a", "-o", "/dev/null") == " 503")
    let record = try mesh.scene.client.record("of the request") { $0["PATH"] == "/a" }
    #expect(record["REASON"] == "refused-unseen" && record["RETRIES"] == "2" && record["STATUS"] == "503", "\(record)")
    #expect(record["FLAGS"] == "URX,UR", "\(record)")
    // Three tries of this side's, each of which the other makes three times at most.
    let count = program.count(of: "unseen")
    #expect((3...9).contains(count), "\(program.output.text)")
    let native = try Command("curl", ["-sS", "--max-time", "20", "--http2-prior-knowledge", "\(url)/b"])
      .with(\.pod, mesh.scene.pods.client).run()
    // curl asks some times more by itself, as the code allows.
    #expect(native.code != 0, "\(native)")
    try mesh.scene.client.record("of the request by HTTP/2") {
      $0["PATH"] == "/b" && $0["REASON"] == "refused-unseen" && $0["FLAGS"]?.hasSuffix("UR") == true
    }
    withExtendedLifetime(program) {}
  }
}
