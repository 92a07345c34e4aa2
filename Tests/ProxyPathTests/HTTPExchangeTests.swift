import Kernel
import MeshModel
@testable import ProxyPath
import Testing

@Suite struct HTTPExchangeTests {
  /// An exchange and the client at its other end.
  private final class Visit {
    let client: Held
    var exchange: HTTPExchange
    private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)

    init(_ role: HTTPExchange.Role = .health) throws {
      let (client, server) = try StreamPair.local().split()
      self.client = client
      exchange = HTTPExchange(server.give(), role)
    }

    deinit { scratch.deallocate() }

    /// What the exchange makes of `text`: `waiting`, `done`, or the request it read.
    func hear(_ text: String) -> String {
      #expect(client.write(Array(text.utf8)) == text.utf8.count)
      return step()
    }

    func step() -> String { Self.word(exchange.read(through: scratch)) }

    func answer(_ response: HTTPResponse) -> String { Self.word(exchange.answer(response)) }

    static func word(_ step: HTTPExchange.Step) -> String {
      switch step {
      case .waiting: "waiting"
      case .done: "done"
      case .request(let request): "\(request.method) \(request.target)"
      }
    }
  }

  @Test("A request is read from its head alone, whatever its lines end in, and whatever comes behind it")
  func heads() throws {
    for (text, expected) in [
      ("GET /ready HTTP/1.1\r\nHost: a\r\n\r\n", "GET /ready"), ("GET /ready HTTP/1.0\r\n\r\n", "GET /ready"),
      ("HEAD / HTTP/1.1\n\n", "HEAD /"), ("GET /a HTTP/1.1\nHost: b\n\n", "GET /a"),
      ("GET /a HTTP/1.1\n\r\n", "GET /a"),
      ("POST /v1/drain HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody", "POST /v1/drain"),
      ("GET /one HTTP/1.1\r\n\r\nGET /two HTTP/1.1\r\n\r\n", "GET /one"),
    ] {
      #expect(try Visit().hear(text) == expected)
    }
  }

  @Test("A head that comes byte by byte is waited for to its last byte")
  func splitHead() throws {
    let visit = try Visit()
    let text = "GET /live HTTP/1.1\r\nA: b\r\n\r\n"
    for character in text.unicodeScalars.dropLast() { #expect(visit.hear(String(character)) == "waiting") }
    #expect(visit.hear("\n") == "GET /live")
  }

  @Test("Garbage becomes a request that no page answers, not a crash and not a guess")
  func garbage() throws {
    for text in [
      "\r\n\r\n", "\n\n", "GET\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "GET / /b HTTP/1.1\r\n\r\n",
      "\u{16}\u{3}\u{1}\0\n\n", "\u{0}\u{ff}\n\n", " \r\n\r\n",
    ] {
      #expect(try Visit().hear(text) == " ", "\(text.debugDescription)")
    }
  }

  @Test("A head that grows beyond its limit ends the exchange; one just within it is read")
  func headLimit() throws {
    let start = "GET / HTTP/1.1\r\nA: "
    let fits = start + String(repeating: "a", count: HTTPExchange.headLimit - start.utf8.count - 4) + "\r\n\r\n"
    #expect(fits.utf8.count == HTTPExchange.headLimit)
    #expect(try Visit().hear(fits) == "GET /")
    #expect(try Visit().hear(fits.replacing("\r\n\r\n", with: "aaaaa")) == "done")
    let visit = try Visit()
    let block = String(repeating: "a", count: 1000)
    var rounds = 0
    while visit.hear(block) == "waiting", rounds < 100 { rounds += 1 }
    #expect(rounds == HTTPExchange.headLimit / 1000)
  }

  @Test("On the admin socket a head may be as long as the longest question about a request")
  func questionLimit() throws {
    let target = "/v1/explain-request?" + String(repeating: "a", count: AdminRequest.maxTargetBytes - 20)
    let question = "GET \(target) HTTP/1.1\r\nHost: weft\r\nConnection: close\r\n\r\n"
    #expect(question.utf8.count <= HTTPExchange.questionLimit)
    #expect(try Visit(.admin).hear(question) == "GET \(target)")
    #expect(try Visit(.metrics).hear(question) == "done")
  }

  @Test("A client that leaves before its head is whole ends the exchange")
  func leaves() throws {
    let visit = try Visit()
    #expect(visit.hear("GET / HT") == "waiting")
    visit.client.finishWriting()
    #expect(visit.step() == "done")
  }

  @Test("A client that says it is done after its head still gets its answer")
  func halfClosed() throws {
    let visit = try Visit()
    #expect(visit.client.write(Array("GET / HTTP/1.0\r\n\r\n".utf8)) == 18)
    visit.client.finishWriting()
    #expect(visit.step() == "GET /")
    #expect(visit.answer(.text(200, "OK", "live")) == "done")
    let answer = String(decoding: try visit.client.awaitRead() ?? [], as: UTF8.self)
    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(answer.hasSuffix("content-length: 5\r\nconnection: close\r\n\r\nlive\n"))
  }

  @Test("A long answer to a slow reader goes out piece by piece and whole, and nothing is read meanwhile")
  func slowWrite() throws {
    let visit = try Visit()
    #expect(visit.hear("GET /metrics HTTP/1.1\r\n\r\n") == "GET /metrics")
    let body = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 8) }
    let response = HTTPResponse(200, "OK", body: body)
    #expect(visit.answer(response) == "waiting")
    #expect(visit.hear("GET /again HTTP/1.1\r\n\r\n") == "waiting")
    var received: [UInt8] = []
    var word = "waiting"
    while let bytes = try visit.client.read(100_000) {
      received += bytes
      word = Visit.word(visit.exchange.write())
    }
    #expect(word == "done")
    #expect(received == response.bytes)
  }

  @Test("A client that is gone before its answer ends the exchange")
  func goneBeforeAnswer() throws {
    let visit = try Visit()
    #expect(visit.hear("GET / HTTP/1.1\r\n\r\n") == "GET /")
    _ = visit.client.give()
    #expect(visit.answer(.text(200, "OK", "x")) == "done")
  }

  @Test("An answer that travelled another way is over at once")
  func nothing() throws {
    let visit = try Visit()
    #expect(visit.hear("GET /v1/listeners HTTP/1.1\r\n\r\n") == "GET /v1/listeners")
    #expect(visit.answer(.nothing) == "done")
    #expect(try visit.client.read() == nil)
  }
}
