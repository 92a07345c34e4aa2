import HTTP1
import Testing

@testable import Transcoding

@Suite("Messages in HTTP/1.1 are said in HTTP/2")
struct MessageEncoderTests {
  private let websocket = Array("websocket".utf8).withUnsafeBytes { ProtocolName($0) } ?? ProtocolName()

  @Test("a request without a body ends with its head; Host becomes the authority, names are in lower case")
  func bare() {
    let carried = carry("GET /a?b=c HTTP/1.1\r\nHost: web:80\r\nAccept: */*\r\nX-Twice: 1\r\nX-Twice: 2\r\n\r\n")
    #expect(
      carried
        == Carried(
          fields: [
            ":method: GET", ":scheme: http", ":path: /a?b=c", ":authority: web:80", "accept: */*", "x-twice: 1",
            "x-twice: 2",
          ],
          isEnded: true
        )
    )
  }

  @Test("what travels in TLS has its scheme")
  func scheme() {
    var encoder = MessageEncoder.request
    encoder.isOverTLS = true
    let carried = carry("GET / HTTP/1.1\r\nHost: a\r\n\r\n", by: encoder)
    #expect(carried?.fields == [":method: GET", ":scheme: https", ":path: /", ":authority: a"])
  }

  @Test("what speaks of one connection stays there; a counted body keeps its length")
  func counted() {
    let carried = carry(
      "POST / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, x-own\r\nX-Own: 1\r\nKeep-Alive: 5\r\nContent-Length: 5\r\n\r\nhello"
    )
    #expect(carried?.fields == [":method: POST", ":scheme: http", ":path: /", ":authority: a", "content-length: 5"])
    #expect(carried?.body == "hello")
    #expect(carried?.isEnded == true)
  }

  @Test("chunks are framing, trailers are not")
  func chunked() {
    let carried = carry(
      "POST / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: TE\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "3\r\nabc\r\n4\r\ndefg\r\n0\r\nX-Sum: 7\r\n\r\n"
    )
    #expect(carried?.fields == [":method: POST", ":scheme: http", ":path: /", ":authority: a", "te: trailers"])
    #expect(carried?.body == "abcdefg")
    #expect(carried?.trailers == ["x-sum: 7"])
  }

  @Test("the end of chunks without trailers ends the stream")
  func noTrailers() {
    let carried = carry("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n")
    #expect(carried?.body == "a")
    #expect(carried?.trailers == nil)
    #expect(carried?.isEnded == true)
  }

  @Test("another protocol is asked for by CONNECT, and what follows is opaque")
  func upgrade() {
    let carried = carry(
      "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Key: k\r\n\r\n"
    )
    #expect(
      carried?.fields == [
        ":method: CONNECT", ":protocol: websocket", ":scheme: http", ":path: /chat", ":authority: a",
        "sec-websocket-key: k",
      ]
    )
    #expect(carried?.isEnded == false)
    let answer = carry(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s\r\n\r\n\u{1}raw",
      by: .response(to: .get, upgrade: websocket)
    )
    #expect(answer?.fields == [":status: 200", "sec-websocket-accept: s"])
    #expect(answer?.body == "\u{1}raw")
  }

  @Test("answers: interim ones before the final, no body to HEAD, 204 and 304, lengths kept where they say something")
  func answers() {
    let early = carry(
      "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
      by: .response(to: .get, upgrade: ProtocolName())
    )
    #expect(early?.interim == [[":status: 103", "link: x"]])
    #expect(early?.fields == [":status: 200", "content-length: 2"])
    #expect(early?.body == "hi")
    let head = carry("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", by: .response(to: .head, upgrade: ProtocolName()))
    #expect(head == Carried(fields: [":status: 200", "content-length: 9"], isEnded: true))
    let none = carry("HTTP/1.1 204 No Content\r\n\r\n", by: .response(to: .get, upgrade: ProtocolName()))
    #expect(none == Carried(fields: [":status: 204"], isEnded: true))
    let same = carry(
      "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
      by: .response(to: .get, upgrade: ProtocolName())
    )
    #expect(same == Carried(fields: [":status: 304", "content-length: 5"], isEnded: true))
  }

  @Test("a switch that nobody asked for, a head in pieces and bytes behind the end are mistakes, and said to be")
  func mistakes() {
    #expect(
      carry(
        "HTTP/1.1 101 X\r\nUpgrade: a\r\nConnection: upgrade\r\n\r\n",
        by: .response(to: .get, upgrade: ProtocolName())
      ) == nil
    )
    #expect(carry("GET / HTTP/1.1\r\nHost: a\r\n") == nil)
    #expect(carry("GET / HTTP/1.1\r\nHost: a\r\n\r\nmore") == nil)
  }

  @Test("bytes for which there is no room come again, and none is lost or doubled", arguments: 0..<200)
  func givenBack(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var body = ""
    var message = "POST / HTTP/1.1\r\nHost: a\r\n"
    let isChunked = Bool.random(using: &random)
    let runs = (0..<Int.random(in: 1...5, using: &random)).map { run in
      String(repeating: Character(UnicodeScalar(UInt8(97 + run))), count: Int.random(in: 1...60, using: &random))
    }
    body = runs.joined()
    if isChunked {
      message += "Transfer-Encoding: chunked\r\n\r\n"
      for run in runs { message += String(run.count, radix: 16) + "\r\n" + run + "\r\n" }
      message += "0\r\n\r\n"
    } else {
      message += "Content-Length: \(body.count)\r\n\r\n" + body
    }
    var encoder = MessageEncoder.request
    let carried = carry(message, &encoder) { Int.random(in: 0...$0, using: &random) }
    #expect(carried?.body == body)
    #expect(carried?.isEnded == true)
    #expect(encoder.isOver)
  }
}

/// SplitMix64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
    return word ^ word >> 31
  }
}
