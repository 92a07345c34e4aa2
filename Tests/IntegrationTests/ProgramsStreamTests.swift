import Foundation
import MeshModel
import Testing
import WeftTestKit

@Suite("Answers that take their time through two proxies")
struct ProgramsStreamTests {
  @Test("the first server-sent event arrives before there is a second")
  func events() throws {
    let scene = try ProgramsScene()
    let server = try scene.serve("web_server.py")
    let client = try scene.pods.client.start("curl", "-sS", "-N", "--max-time", "20", "\(scene.url)/events")
    try client.output.await("data: first\n\n")
    #expect(!client.output.text.contains("second"))
    try scene.curl(["\(scene.url)/release"]).orThrow()
    let outcome = try client.outcome().orThrow()
    #expect(outcome.output == "data: first\n\ndata: second\n\n")
    withExtendedLifetime(server) {}
  }

  @Test("a long poll is answered when its server wants, and holds nobody else up")
  func longPoll() throws {
    let scene = try ProgramsScene()
    let server = try scene.serve("web_server.py")
    let polls = try (0..<10).map { _ in
      try scene.pods.client.start("curl", "-sS", "--max-time", "20", "\(scene.url)/poll")
    }
    #expect(try scene.curl(["\(scene.url)/cookie"]).orThrow().output == "none")
    #expect(polls.allSatisfy { $0.exitCode == nil })
    try scene.curl(["\(scene.url)/release"]).orThrow()
    for poll in polls { #expect(try poll.outcome().orThrow().output == "released\n") }
    withExtendedLifetime(server) {}
  }

  @Test("trailers behind a chunked body reach a client that asked for them, and a request's reach the server")
  func trailers() throws {
    let scene = try ProgramsScene()
    let listener = try PodListener(in: scene.pods.server, on: scene.address)
    let client = try PodStream.connect(from: scene.pods.client, to: listener.address)
    try client.send(
      "POST /call HTTP/1.1\r\nhost: web\r\nte: trailers\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n"
        + "5\r\nhello\r\n0\r\nx-sum: five\r\n\r\n"
    )
    let server = try accepted(listener, "x-sum: five\r\n\r\n")
    try server.send(
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: grpc-status\r\n\r\n"
        + "3\r\nabc\r\n0\r\ngrpc-status: 0\r\ngrpc-message: fine\r\n\r\n"
    )
    let answer = try received(client, until: "\r\n\r\n", count: 2)
    #expect(answer.contains("3\r\nabc\r\n0\r\n"))
    #expect(answer.hasSuffix("grpc-status: 0\r\ngrpc-message: fine\r\n\r\n"))
  }

  @Test("a read that brings the end of a chunk and nothing to pass on sends nothing")
  func chunkEndAlone() throws {
    let scene = try ProgramsScene()
    let web = try ProgramsSite(in: scene.pods.server, on: scene.address)
    let listener = try PodListener(in: scene.pods.server, on: SocketAddress(scene.address.ip, port: 8081))
    let client = try PodStream.connect(from: scene.pods.client, to: listener.address)
    try client.send("POST /call HTTP/1.1\r\nhost: web\r\ncontent-length: 0\r\n\r\n")
    let server = try accepted(listener, "\r\n\r\n")
    try server.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r")
    #expect(try received(client, until: "hello\r\n", count: 1).hasSuffix("\r\n\r\n5\r\nhello\r\n"))
    try server.send("\n")
    // Once this is answered, both proxies have read what was sent before it.
    try scene.curl(["\(scene.url)/hello"]).orThrow()
    try server.send("0\r\n\r\n")
    #expect(try received(client, until: "\r\n\r\n", count: 1) == "0\r\n\r\n")
    withExtendedLifetime(web) {}
  }

  /// The connection on which a request came whole. The mesh dials when a client does, so there may be others, idle.
  private func accepted(_ listener: PodListener, _ end: String) throws -> PodStream {
    let server = try listener.accept()
    let request = try received(server, until: end, count: 1)
    #expect(request.hasPrefix("POST /call HTTP/1.1\r\n"))
    return server
  }

  /// Reads until `mark` has come `count` times.
  private func received(_ stream: PodStream, until mark: String, count: Int) throws -> String {
    var text = ""
    while text.components(separatedBy: mark).count <= count {
      let bytes = try stream.receive()
      guard !bytes.isEmpty else { break }
      text += String(decoding: bytes, as: UTF8.self)
    }
    return text
  }
}
