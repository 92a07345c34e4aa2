import Testing
import WeftTestKit

@testable import HTTP2

/// How many requests a client may give up (CVE-2023-44487), and have a server give up (CVE-2025-8671).
@Suite struct PathResetTests {
  private typealias Frame = HTTP2Frame

  @Test("A client may reset 200 requests at once and seven more each second, and then the connection ends")
  func rapidReset() throws {
    let server = try PathBoundsTests.server()
    for number in 0..<200 { server.receive(Self.request(number) + Self.reset(number)) }
    #expect(server.refusal == .none && server.openStreams == 0)
    server.now_ms += 1000
    for number in 200..<207 { server.receive(Self.request(number) + Self.reset(number)) }
    #expect(server.refusal == .none)
    server.receive(Self.request(207) + Self.reset(207))
    #expect(Frame.all(in: server.output()).goodbyes == [.enhanceYourCalm])
    #expect(server.refusal == .resetFlood && !server.wantsInput)
  }

  @Test("A flood in one piece is stopped within it")
  func rapidResetInOnePiece() throws {
    let server = try PathBoundsTests.server()
    let heads = server.receive((0..<1000).flatMap { Self.request($0) + Self.reset($0) }).filter {
      if case .head = $0.what { return true }
      return false
    }
    #expect(heads.count == 201 && server.refusal == .resetFlood)
  }

  @Test("A request that is answered gives one reset back, but one that is given up with NO_ERROR does not")
  func earnedResets() throws {
    let busy = try PathBoundsTests.server()
    for number in stride(from: 0, to: 2000, by: 2) {
      busy.receive(Self.request(number) + Self.reset(number) + Self.request(number + 1))
      try busy.respond([":status: 204"], on: StreamID(Int32(2 * number + 3)))
      _ = busy.output()
    }
    #expect(busy.refusal == .none, "a thousand resets among two thousand requests")

    let sly = try PathBoundsTests.server()
    for number in 0..<201 { sly.receive(Self.request(number) + Self.reset(number, code: 0)) }
    #expect(sly.refusal == .resetFlood)
  }

  @Test(
    "Resets that a client provokes count as its own",
    arguments: [
      // A window that overflows, and more body than was said.
      HTTP2Frame(HTTP2Frame.windowUpdate, HTTP2Frame.number(0x7fff_ffff)),
      HTTP2Frame(HTTP2Frame.data, [1, 2, 3, 4]),
    ]
  )
  func provokedResets(_ frame: HTTP2Frame) throws {
    let server = try PathBoundsTests.server()
    for number in 0..<201 where server.wantsInput {
      var provoking = frame
      provoking.stream = UInt32(2 * number + 1)
      let head = Frame.headers(provoking.stream, PathBoundsTests.post + [("content-length", "3")])
      server.receive(head.bytes + provoking.bytes)
      let frames = Frame.all(in: server.output())
      #expect(frames.resets.count == 1 || number == 200)
    }
    _ = server.output()
    #expect(server.refusal == .resetFlood && !server.wantsInput)
  }

  @Test("Resets by the proxy itself are held against nobody")
  func ownResets() throws {
    let server = try PathBoundsTests.server()
    for number in 0..<1000 {
      server.receive(Frame.headers(UInt32(2 * number + 1), PathBoundsTests.post).bytes)
      server.reset(StreamID(Int32(2 * number + 1)), .cancel)
      server.reset(StreamID(Int32(2 * number + 1)), .cancel)
      #expect(Frame.all(in: server.output()).resets == [.cancel])
    }
    #expect(server.refusal == .none)
    // Each of these provokes one, which those that were asked for twice do not pay for.
    for number in 1000..<1201 {
      let stream = UInt32(2 * number + 1)
      let head = Frame.headers(stream, PathBoundsTests.post + [("content-length", "3")])
      server.receive(head.bytes + Frame.data(stream, [1, 2, 3, 4]).bytes)
      _ = server.output()
    }
    #expect(server.refusal == .resetFlood, "and the client's budget is as it was")
  }

  @Test("A server may reset what it was asked, as often as it was asked; what nobody asked is a flood")
  func resetsByServer() throws {
    let client = try PathBoundsTests.client(requests: 0)
    for number in 0..<1000 {
      _ = try client.request([":method: GET", ":scheme: https", ":path: /a", ":authority: b"])
      _ = client.output()
      #expect(client.receive(Self.reset(number)).map(\.what) == [.closed(.cancel, .resetByPeer)])
    }
    #expect(client.refusal == .none)
    for _ in 0..<201 { client.receive(Self.reset(0)) }
    _ = client.output()
    #expect(client.refusal == .controlFlood)
  }

  private static func request(_ number: Int) -> [UInt8] {
    Frame.headers(UInt32(2 * number + 1), PathBoundsTests.get, endStream: true).bytes
  }

  private static func reset(_ number: Int, code: UInt32 = 8) -> [UInt8] {
    Frame(Frame.reset, stream: UInt32(2 * number + 1), Frame.number(code)).bytes
  }
}
