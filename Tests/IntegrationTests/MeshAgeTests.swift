import MeshModel
import Testing
import WeftTestKit

/// A proxy by a monotonic clock that the test sets.
@Suite("A connection between two proxies that grows old")
struct MeshAgeTests {
  @Test(
    "takes new streams for fifty minutes and none after seventy; those that it has go on, and it goes with the last"
  )
  func age() throws {
    let clocks = try SkewedClocks("client")
    let mesh = try MeshScene { options in
      guard options.arguments.contains("app=client") else { return }
      options.environment.merge(clocks.environment("client")) { $1 }
    }
    let mail = try GreetingServer(of: mesh)
    let first = try mail.greeted()
    /// Lets so many minutes of the client's proxy's pass, in steps that no idle limit minds.
    func pass(to minutes: Int) throws {
      try clocks.advance("client", minutes: minutes)
      // It has seen the time once it has carried something.
      #expect(try first.hears("NOOP\r\n"))
    }
    try pass(to: 25)
    try pass(to: 49)
    let second = try mail.greeted()
    #expect(mesh.handshakes == 1, "it is not that old yet")
    try pass(to: 71)
    let third = try mail.greeted()
    try eventually("another handshake is told of") { mesh.handshakes == 2 }
    #expect(try first.hears("NOOP\r\n") && second.hears("NOOP\r\n"))
    #expect(try mesh.scene.client.peers().count == 2)
    try second.quit()
    #expect(try first.hears("NOOP\r\n"))
    try first.quit()
    // Not ten minutes later, as one that is idle and might be of use again.
    let ended = try mesh.scene.client.record("of the old one's end") { $0["EVENT"] == "peer-ended" }
    #expect(ended["DIRECTION"] == "outbound" && ended["STREAMS"] == "2", "\(ended)")
    #expect(try third.hears("NOOP\r\n"))
    #expect(try mesh.scene.client.peers().count == 1)
  }
}
