import Testing
import WeftTestKit

@testable import HTTP2

/// What a session does where its worker's memory for events and lists is full: it pauses, and loses nothing.
@Suite struct PathScratchTests {
  private typealias Frame = HTTP2Frame

  @Test("More pieces of a body than there is room for come in several turns, all of them and in order")
  func manyPieces() throws {
    let server = try PathBoundsTests.server()
    server.receive(Frame.headers(1, PathBoundsTests.post).bytes)
    let text = (0..<2000).map { UInt8(truncatingIfNeeded: 0x20 + $0 % 90) }
    let frames = text.flatMap { Frame.data(1, [$0]).bytes } + Frame.data(1, [], endStream: true).bytes
    #expect(
      server.receive(frames) == [
        .init(stream: 1, what: .data(String(decoding: text, as: UTF8.self))), .init(stream: 1, what: .bodyEnded),
      ]
    )
    #expect(server.pauses >= 3)
  }

  @Test("More requests than there is room for come in several turns")
  func manyRequests() throws {
    var limits = SessionLimits.path
    limits.streams = 2000
    let server = try PathBoundsTests.server(limits)
    let bytes = (0..<2000).flatMap { Frame.headers(UInt32(2 * $0 + 1), PathBoundsTests.get, endStream: true).bytes }
    let events = server.receive(bytes)
    #expect(events.map(\.stream) == (0..<2000).map { Int32(2 * $0 + 1) })
    #expect(events.allSatisfy { $0.what == .head(PathBoundsTests.get.map { "\($0): \($1)" }, ends: true) })
    #expect(server.pauses >= 3)
  }

  @Test("A list that begins where little room is left is whole, also where its only field is the last that came")
  func lateLists() throws {
    let client = try PathBoundsTests.client(requests: 3)
    let wide: [(String, String)] =
      [(":status", "200")]
      + (0..<8).map { ("x-\($0)", String(repeating: "v", count: 5000)) }
    let bytes =
      [1, 3].flatMap { PathBoundsTests.frames($0, Frame.literals(wide)) }
      + Frame.headers(5, [(":status", "204")], endStream: true).bytes
    let events = client.receive(bytes)
    let lines = wide.map { "\($0): \($1)" }
    #expect(
      events == [
        .init(stream: 1, what: .head(lines, ends: false)), .init(stream: 3, what: .head(lines, ends: false)),
        .init(stream: 5, what: .head([":status: 204"], ends: true)),
        .init(stream: 5, what: .closed(.noError, .complete)),
      ]
    )
    #expect(client.pauses > 0)

    let last = try PathBoundsTests.client(requests: 3)
    let tail =
      PathBoundsTests.frames(1, Frame.literals(wide)) + Frame.headers(5, [(":status", "204")], endStream: true).bytes
    #expect(last.receive(tail).last?.what == .closed(.noError, .complete))
    #expect(last.pauses > 0, "nothing came after the field that there was no room behind")
  }

  @Test("Nothing is read while events wait, and nothing is sent while too many do")
  func waitingEvents() throws {
    let scratch = PathScratch()
    var server = try PathSession(role: .server)
    var other = try PathSession(role: .server)
    let greeting = Frame.preface + Frame(Frame.settings).bytes
    let first = greeting.withUnsafeBytes { server.receive($0, now_ms: 0, scratch) }
    let second = greeting.withUnsafeBytes { other.receive($0, now_ms: 0, scratch) }
    #expect(first.taken == greeting.count && second.taken == 0 && second.isPaused)
    #expect(scratch.count == 1)
    _ = scratch.next()
    let third = greeting.withUnsafeBytes { other.receive($0, now_ms: 0, scratch) }
    #expect(third.taken == greeting.count && !third.isPaused)

    let waiting = PathEvent(tag: 0, user: 0, stream: StreamID(0), kind: .bodyEnded)
    while scratch.store.pointee.append(waiting) != nil {}
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: PathOutput.recordBytes, alignment: 16)
    defer { memory.deallocate() }
    let none = other.takeOutput(into: memory, scratch)
    while scratch.count > 100 { _ = scratch.next() }
    let some = other.takeOutput(into: memory, scratch)
    #expect(none == 0 && some > 0 && scratch.count == 100, "what was taken makes room")
  }
}
