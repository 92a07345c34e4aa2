import Foundation
import MeshModel
import Testing
import WeftTestKit

/// A client that sends FIN while its request is being answered: it may still read, or be gone.
@Suite("A client that says no more")
struct RequestHalfCloseTests {
  private let pods: TwoPods
  private let listener: PodListener
  /// Where a second service is.
  private let elsewhere: PodListener

  /// The proxy first asks after a quarter of a second; what is seen after this long was asked about.
  private static let firstQuestion: TimeInterval = 1.5
  /// It asks again every five seconds.
  private static let nextQuestion: TimeInterval = 6
  /// An end that is seen within this came of a question, and of no timeout of the proxy or of TCP.
  private static let promptly: Duration = .seconds(12)

  init() throws {
    pods = try TwoPods()
    listener = try PodListener(in: pods.server, on: SocketAddress(pods.serverEnd.v4, port: 0))
    elsewhere = try PodListener(in: pods.server, on: SocketAddress(pods.serverEnd.v4, port: 0))
  }

  private func outbound() throws -> RequestScene {
    try RequestScene.outbound(in: pods, Documents.web(listener.address))
  }

  /// The server's end of the connection on which the next request comes, and what reads there.
  private func request() throws -> (stream: PodStream, reader: MessageReader) {
    let stream = try listener.accept()
    let reader = MessageReader(stream)
    // What is dialled before a request is known may be another connection.
    guard try reader.head() != nil else { return try request() }
    return (stream, reader)
  }

  private func expectResetPromptly(_ stream: PodStream, since start: ContinuousClock.Instant) {
    #expect(endsInReset(stream))
    let waited = ContinuousClock.now - start
    #expect(waited < Self.promptly, "\(waited)")
  }

  @Test("but still reads gets its answer, however late")
  func readsOn() throws {
    let scene = try outbound()
    let client = try scene.client()
    try client.send("GET /late HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n")
    client.stream.finish()
    let server = try request()
    // Two questions are asked meanwhile, and nothing tells that they were.
    Thread.sleep(forTimeInterval: Self.nextQuestion)
    try server.stream.send(ScriptedServer.answer(200, "late"))
    #expect(try client.answer().body == "late")
    #expect(try client.isEnded())
  }

  @Test("since it has closed ends the request, answered in part or not at all", arguments: [false, true])
  func closed(_ isAnswerBegun: Bool) throws {
    let scene = try outbound()
    let client = try scene.client()
    try client.send("GET /quiet HTTP/1.1\r\nHost: web\r\n\r\n")
    let server = try request()
    if isAnswerBegun {
      try server.stream.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ndata:")
      while try !String(decoding: client.stream.receive(), as: UTF8.self).hasSuffix("data:") {}
    }
    let start = ContinuousClock.now
    client.stream.close()
    expectResetPromptly(server.stream, since: start)
    let record = try scene.record(of: "/quiet")
    #expect(record["FLAGS"] == "DC" && record["REASON"] == "client-gone", "\(record)")
    // Its connection serves nobody else.
    let next = try scene.client()
    try next.send("GET /next HTTP/1.1\r\nHost: web\r\n\r\n")
    try request().stream.send(ScriptedServer.answer(200, "next"))
    #expect(try next.answer().body == "next")
  }

  @Test("and closes while its second request is under way ends that one")
  func closesLater() throws {
    let scene = try outbound()
    let client = try scene.client()
    try client.send(["/first", "/second"].map { "GET \($0) HTTP/1.1\r\nHost: web\r\n\r\n" }.joined())
    client.stream.finish()
    let server = try request()
    try server.stream.send(ScriptedServer.answer(200, "first"))
    #expect(try client.answer().body == "first")
    #expect(try server.reader.head()?.target == "/second")
    // One question is asked, and answered that it reads; nothing tells that it was.
    Thread.sleep(forTimeInterval: Self.firstQuestion)
    #expect(!scene.proxy.records.contains { $0["PATH"] == "/second" })
    let start = ContinuousClock.now
    client.stream.close()
    expectResetPromptly(server.stream, since: start)
    #expect(try scene.record(of: "/second")["FLAGS"] == "DC")
  }

  @Test("since its program was killed is noticed by the server behind two proxies")
  func killed() throws {
    let scene = try outbound()
    try Redirect.apply(to: pods.server, outbound: nil)
    let inbound = try ProxyUnderTest(in: pods.server)
    let program = try pods.client.start("curl", "-sN", "http://\(RequestScene.virtual)/killed")
    let server = try request()
    let start = ContinuousClock.now
    program.signal(SIGKILL)
    expectResetPromptly(server.stream, since: start)
    #expect(try scene.record(of: "/killed")["FLAGS"] == "DC")
    let record = try inbound.record("of the same request") { $0["PATH"] == "/killed" }
    #expect(record["FLAGS"] == "DC", "\(record)")
  }

  // MARK: Behind another port

  /// A service at another address, for a second connection from the same port.
  private static let other = SocketAddress(IPAddress(v4: 0x0a60_000b), port: 80)

  /// A client of the service whose connection the proxy sees come from a port that is not the client's: from its own port
  /// there is one to another service already, and behind REDIRECT the two would look alike.
  private func renumbered() throws -> (scene: RequestScene, client: RequestStream, first: PodStream) {
    let second = Documents.service("other", at: Self.other, endpoints: [elsewhere.address])
    let scene = try RequestScene.outbound(in: pods, Documents.web(listener.address) + second)
    let first = try PodStream.connect(
      from: pods.client,
      to: Self.other,
      source: SocketAddress(pods.clientEnd.v4, port: 0)
    )
    let own = try #require(first.localAddress)
    let client = try PodStream.connect(from: pods.client, to: RequestScene.virtual, source: own)
    return (scene, RequestStream(client), first)
  }

  /// Without this the test would be about nothing: the kernel knows no socket at the port that is on record.
  private func expectAnotherPort(_ record: LogRecord, than first: PodStream) throws {
    let own = try #require(first.localAddress)
    #expect(record["SOURCE"]?.hasPrefix("\(own.ip):") == true && record["SOURCE"] != "\(own)", "\(record)")
  }

  @Test("since it has closed is found out though NAT gave its connection another port")
  func closedBehindAnotherPort() throws {
    let (scene, client, first) = try renumbered()
    try client.send("GET /renumbered HTTP/1.1\r\nHost: web\r\n\r\n")
    let server = try request()
    let start = ContinuousClock.now
    client.stream.close()
    expectResetPromptly(server.stream, since: start)
    let record = try scene.record(of: "/renumbered")
    #expect(record["FLAGS"] == "DC", "\(record)")
    try expectAnotherPort(record, than: first)
  }

  @Test("behind another port still gets its answer while it reads, and is missed once it has closed")
  func readsOnBehindAnotherPort() throws {
    let (scene, client, first) = try renumbered()
    try client.send(["/late", "/never"].map { "GET \($0) HTTP/1.1\r\nHost: web\r\n\r\n" }.joined())
    client.stream.finish()
    let server = try request()
    // Two questions are asked meanwhile, and nothing tells that they were.
    Thread.sleep(forTimeInterval: Self.nextQuestion)
    try server.stream.send(ScriptedServer.answer(200, "late"))
    #expect(try client.answer().body == "late")
    #expect(try server.reader.head()?.target == "/never")
    let start = ContinuousClock.now
    client.stream.close()
    expectResetPromptly(server.stream, since: start)
    let record = try scene.record(of: "/never")
    #expect(record["FLAGS"] == "DC", "\(record)")
    try expectAnotherPort(record, than: first)
  }
}
