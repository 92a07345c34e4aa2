import Testing
import WeftTestKit

@testable import HTTP2

/// Floods of frames that carry nothing, though they do not look empty (CVE-2019-9518).
@Suite struct PathEmptyFrameTests {
  private typealias Frame = HTTP2Frame
  private static let padded: UInt8 = 8

  /// DATA with so many bytes of padding behind the one that says how many, and no other (RFC 9113 section 6.1).
  private static func paddedData(_ count: Int) -> HTTP2Frame {
    Frame(Frame.data, flags: padded, stream: 1, [UInt8(count)] + [UInt8](repeating: 0, count: count))
  }

  @Test(
    "DATA with padding alone, and answers to pings that nobody sent, are allowed as many as the budget has",
    arguments: [
      paddedData(0), paddedData(200),
      HTTP2Frame(HTTP2Frame.ping, flags: HTTP2Frame.acknowledgement, [UInt8](repeating: 1, count: 8)),
    ]
  )
  func emptyFrames(_ frame: HTTP2Frame) throws {
    let server = try PathBoundsTests.server()
    server.receive(Frame.headers(1, PathBoundsTests.post).bytes)
    // The greeting was one of the 200.
    for _ in 0..<199 { server.receive(frame.bytes) }
    #expect(server.wantsInput && server.refusal == .none)
    server.receive(frame.bytes)
    #expect(Frame.all(in: server.output()).goodbyes == [.enhanceYourCalm])
    #expect(server.refusal == .controlFlood && !server.wantsInput)
  }

  @Test("Padding beside bytes of a body is no flood, and neither is a frame that ends the body")
  func paddedBodies() throws {
    let server = try PathBoundsTests.server()
    for number in 0..<500 {
      let stream = UInt32(2 * number + 1)
      server.receive(Frame.headers(stream, PathBoundsTests.post).bytes)
      server.receive(Frame(Frame.data, flags: Self.padded, stream: stream, [2, 7, 0, 0]).bytes)
      let last = Frame(Frame.data, flags: Self.padded | Frame.endStream, stream: stream, [1, 0])
      server.receive(last.bytes)
      try server.respond([":status: 204"], on: StreamID(Int32(stream)))
      _ = server.output()
    }
    #expect(server.wantsInput && server.refusal == .none)
  }
}
