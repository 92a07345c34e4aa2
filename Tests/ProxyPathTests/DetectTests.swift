@testable import ProxyPath
import Testing
import WeftTestKit

@Suite struct DetectTests {
  private let memory = GuardedBytes(room: 64 << 10)

  /// First bytes, and what they are.
  static let table: [(String, FirstBytes)] = [
    ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", .http1), ("GET /index.html HTTP/1.0\r\n", .http1),
    ("GET / HTTP/1.1\n", .http1),
    ("POST /a?b=c HTTP/1.1\r\n", .http1), ("PUT / HTTP/1.1\r\n", .http1), ("OPTIONS * HTTP/1.1\r\n", .http1),
    ("CONNECT example.org:443 HTTP/1.1\r\n", .http1), ("M-SEARCH * HTTP/1.1\r\n", .http1),
    ("VERSION-CONTROL /v HTTP/1.1\r\n", .http1), ("PRI * HTTP/1.1\r\n", .http1), ("PATCH /PRI HTTP/1.1\r\n", .http1),
    ("GET http://a/ HTTP/1.1 HTTP/1.1\r\n", .http1), ("GET /" + String(repeating: "a", count: 7995), .http1),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .http2), ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}", .http2),
    ("", .undecided), ("G", .undecided), ("GET", .undecided), ("GET ", .undecided), ("GET / HTTP/1.1\r", .undecided),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r", .undecided), (String(repeating: "A", count: 20), .undecided),
    ("GET /" + String(repeating: "a", count: 7994), .undecided), ("EHLO", .undecided),
    // What some server takes for a request: it is served as one, and refused.
    ("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", .http1), ("GET / HTTP/2.0\r\n", .http1), ("GET HTTP/1.1\r\n", .http1),
    ("GET HTTP/1.1\n", .http1), ("GET / HTTP/1.\r\n", .http1), ("GET / http/1.1\r\n", .http1),
    ("get / HTTP/1.1\r\n", .http1), ("\r\nGET / HTTP/1.1\r\n", .http1), ("\n\n\nGET / HTTP/1.1\r\n", .http1),
    ("GET\t/\tHTTP/1.1\r\n", .http1), ("GET / HTTP/1.1 \t\r\n", .http1), ("GET / HTTP/1.10\r\n", .http1),
    ("\n", .undecided), ("\r\n\r\n", .undecided), ("get", .undecided),
    (String(repeating: "A", count: 21), .opaque), ("GET /\r\n", .opaque), (" / HTTP/1.1\r\n", .opaque),
    ("GET\n", .opaque), ("GET \n", .opaque), (String(repeating: "\n", count: 17), .opaque),
    ("say it in HTTP/1.1 please\r\n", .opaque), ("GET /aHTTP/1.1\r\n", .opaque),
    ("EHLO mail.example.org\r\n", .opaque), ("HELO\r\n", .opaque), ("USER anonymous\r\n", .opaque),
    ("*1\r\n$4\r\nPING\r\n", .opaque), ("PING\r\n", .opaque), ("SET key value\r\n", .opaque),
    ("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", .opaque), ("stats\r\n", .opaque), ("a1 LOGIN user pass\r\n", .opaque),
    ("\0\0\0\u{8}\u{4}", .opaque), ("\u{10}\u{10}\0\u{4}MQTT", .opaque),
  ]

  @Test(
    "First bytes are told apart: HTTP of both versions, mail, Redis, SSH and others, and what is too short to tell",
    arguments: table
  )
  func classified(text: String, expected: FirstBytes) {
    #expect(memory.lend(Array(text.utf8)) { classify($0) } == expected)
  }

  @Test("A start that suffices to decide is never contradicted by what follows", arguments: table)
  func prefixes(text: String, expected: FirstBytes) {
    let bytes = Array(text.utf8)
    for count in 0..<bytes.count {
      let early = memory.lend(bytes[..<count]) { classify($0) }
      guard early == .undecided || early == expected else {
        Issue.record("the first \(count) bytes are taken for \(early)")
        return
      }
    }
  }

  @Test("TLS is a handshake record of version 3 that holds a ClientHello; nothing shorter, nothing else")
  func tlsRecords() {
    let cases: [([UInt8], FirstBytes)] = [
      ([0x16], .undecided), ([0x16, 3], .undecided), ([0x16, 3, 1, 2, 0], .undecided), ([0x16, 3, 1, 2, 0, 1], .tls),
      ([0x16, 3, 4, 0, 9, 1, 0, 0], .tls), ([0x16, 2], .opaque), ([0x16, 3, 1, 2, 0, 2], .opaque),
      ([0x15, 3, 1, 0, 2, 1, 0], .opaque), ([0x80, 0x2e, 1, 3, 1], .opaque),
    ]
    for (bytes, expected) in cases { #expect(memory.lend(bytes) { classify($0) } == expected, "\(bytes)") }
  }

  @Test("A server that speaks first is one, whatever the client says then")
  func serverFirst() {
    for answer in ["EHLO me\r\n", "GET / HTTP/1.1\r\n\r\n"] {
      var detection = Detection()
      detection.serverSpoke()
      #expect(Detected(detection) == Detected(.serverFirst))
      memory.lend(Array(answer.utf8)) { detection.clientSpoke($0) }
      detection.serverSpoke()
      #expect(Detected(detection) == Detected(.serverFirst))
    }
  }

  @Test("Nobody has spoken: silent, and open")
  func silent() {
    #expect(Detected(Detection()) == Detected(.silent, settled: false))
  }

  @Test("A client that said too little to tell, and is answered all the same, is not asked for more")
  func answeredEarly() {
    for start in ["GE", "AAAA", "PRI * HTTP/2.0", "POST /"] {
      var detection = Detection()
      memory.lend(Array(start.utf8)) { detection.clientSpoke($0) }
      #expect(Detected(detection) == Detected(.opaque, settled: false), "never silent: it spoke")
      detection.serverSpoke()
      #expect(Detected(detection) == Detected(.opaque))
    }
  }

  @Test("A hello that has begun is read to its end, whatever the server says meanwhile", arguments: [1, 5, 6, 100])
  func answeredInHello(count: Int) {
    var detection = Detection()
    memory.lend(HelloBytes.curl.bytes[..<count]) { detection.clientSpoke($0) }
    detection.serverSpoke()
    #expect(Detected(detection) == Detected(count > 5 ? .tls : .opaque, settled: false))
    memory.lend(HelloBytes.curl.bytes[count...]) { detection.clientSpoke($0) }
    #expect(Detected(detection) == Detected(.tls, name: "api.test", protocols: "h2,http/1.1"))
  }

  @Test("A server's answer changes nothing that was settled")
  func answeredLate() {
    var detection = Detection()
    memory.lend(Array("GET / HTTP/1.1\r\n\r\n".utf8)) { detection.clientSpoke($0) }
    detection.serverSpoke()
    #expect(Detected(detection) == Detected(.http1))
  }

  /// A hello of exactly `count` bytes in one record.
  private func hello(_ count: Int) -> [UInt8] {
    let name = HelloBytes.serverName(Array("big.example".utf8))
    let bare = HelloBytes.records(HelloBytes.message(extensions: name + HelloBytes.extended(21, []))).count
    let padding = HelloBytes.extended(21, [UInt8](repeating: 0, count: count - bare))
    return HelloBytes.records(HelloBytes.message(extensions: padding + name), size: 1 << 15)
  }

  @Test("A hello up to the limit is put together from its pieces; one byte more is TLS of which nothing is known")
  func partialLimit() {
    let whole = Detected(.tls, name: "big.example", protocols: "")
    let most = hello(Detection.partialLimit)
    #expect(most.count == Detection.partialLimit)
    for split in [1, 6, 1000, most.count - 1] {
      #expect(Detected(pieces: [most[..<split], most[split...]], in: memory) == whole)
    }
    let more = hello(Detection.partialLimit + 1)
    for split in [1, 6, 1000, more.count - 1] {
      #expect(Detected(pieces: [more[..<split], more[split...]], in: memory) == Detected(.tls))
    }
    #expect(Detected(pieces: [more], in: memory) == whole, "a single read costs no memory, so it has no limit")
  }

  @Test("A hello that never ends is given up at the limit, not before and not after")
  func endless() {
    let start = HelloBytes.records(HelloBytes.message(extensions: [], length: 16_000), size: 1 << 15)
    var detection = Detection()
    memory.lend(start) { detection.clientSpoke($0) }
    var total = start.count
    // Records of one byte: most of what is kept is headers.
    while !detection.isSettled, total < 2 * Detection.partialLimit {
      let piece: [UInt8] = [0x16, 3, 1, 0, 1, 0]
      memory.lend(piece) { detection.clientSpoke($0) }
      total += piece.count
    }
    #expect(Detected(detection) == Detected(.tls))
    #expect((Detection.partialLimit..<Detection.partialLimit + 6).contains(total))
  }

  @Test("The hello is taken once, by whoever makes the record")
  func taken() {
    var detection = Detection()
    memory.lend(HelloBytes.openssl.bytes) { detection.clientSpoke($0) }
    let hello = detection.takeHello()
    #expect(hello?.pointee.withName { Array($0) } == Array("shop.example.org".utf8))
    let again = detection.takeHello()
    #expect(again == nil)
    hello?.deallocate()
  }

  @Test("Each protocol's number is its place in the list, which metrics count by, and each has a word of its own")
  func words() {
    #expect(DetectedProtocol.allCases.map { Int($0.rawValue) } == Array(DetectedProtocol.allCases.indices))
    #expect(Set(DetectedProtocol.allCases.map { $0.text.description }).count == DetectedProtocol.allCases.count)
  }
}
