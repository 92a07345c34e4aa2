import MeshModel
import Testing
import WeftTestKit

@Suite("A proxy whose peer")
struct MeshGarbledTests {
  @Test("sends a record that cannot be opened tells that one, and nobody else on whose connection it speaks next")
  func garbled() throws {
    let mesh = try MeshScene()
    _ = try mesh.web { _ in .ok("hello") }
    let url = "http://\(try mesh.scene.address(of: "web"))/"
    #expect(try mesh.scene.get(url) == "hello 200")
    for number in 1...3 {
      let before = mesh.scene.server.records.count
      let peer = try mesh.dial("garbled")
      // What TLS has to say of it: bad_record_mac (RFC 8446 section 6.2).
      try peer.output.await("broken SSLError SSLV3_ALERT_BAD_RECORD_MAC")
      try mesh.scene.server.record("of the record", after: before) { $0["EVENT"] == "peer-refused" }
      // The client's proxy has its connection still, and what comes over it is sealed for it.
      #expect(try mesh.scene.get(url) == "hello 200")
      #expect(mesh.handshakes == 1 + number)
    }
    #expect(!mesh.scene.client.records.contains { ["peer-ended", "peer-refused"].contains($0["EVENT"]) })
  }
}
