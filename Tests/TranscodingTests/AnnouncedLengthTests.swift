import HTTP1
import Testing

@testable import Transcoding

@Suite("Lengths that are announced go on beside the text")
struct AnnouncedLengthTests {
  @Test(
    "what a head says of its length is kept, and nothing where it says nothing",
    arguments: [
      ([(":status", "200")], AnnouncedLength.unsaid),
      ([(":status", "200"), ("content-length", "0")], .bytes(0)),
      ([(":status", "200"), ("content-length", "9223372036854775807")], .bytes(9_223_372_036_854_775_807)),
      ([(":status", "200"), ("content-length", "99999999999999999999")], .unsaid),
      ([(":status", "200"), ("content-length", "5x")], .unsaid),
    ]
  )
  func announced(fields: [(String, String)], expected: AnnouncedLength) {
    #expect(withFields(fields) { AnnouncedLength($0) } == expected)
  }

  @Test("a body whose length is announced travels in chunks, so that trailers have a place behind it")
  func trailers() {
    var decoder = MessageDecoder()
    let fields = [(":status", "200"), ("content-length", "2"), ("x-a", "1")]
    let text = written { writer in
      #expect(
        withFields(fields) {
          decoder.response($0, answering: .get, endsStream: false, keepsTrailers: true, into: &writer)
        }
      )
      Array("hi".utf8).withUnsafeBytes { decoder.data($0, into: &writer) }
      withFields([("x-sum", "2")]) { decoder.end($0, into: &writer) }
    }
    #expect(
      text
        == "HTTP/1.1 200 OK\r\nx-a: 1\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nx-sum: 2\r\n\r\n"
    )
    var encoder = MessageEncoder.response(to: .get, upgrade: ProtocolName())
    encoder.announced = .bytes(2)
    let carried = carry(text, by: encoder)
    #expect(carried?.fields == [":status: 200", "x-a: 1", "content-length: 2"])
    #expect(carried?.body == "hi")
    #expect(carried?.trailers == ["x-sum: 2"])
  }

  @Test("an answer that is a head alone says no length that it did not say, and one to HEAD the one it did")
  func heads() {
    var encoder = MessageEncoder.response(to: .post, upgrade: ProtocolName())
    encoder.announced = .unsaid
    let alone = carry("HTTP/1.1 200 OK\r\ngrpc-status: 5\r\ncontent-length: 0\r\n\r\n", by: encoder)
    #expect(alone?.fields == [":status: 200", "grpc-status: 5"])
    #expect(alone?.isEnded == true)
    encoder = .response(to: .head, upgrade: ProtocolName())
    encoder.announced = .bytes(12)
    #expect(
      carry("HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n", by: encoder)?.fields == [
        ":status: 200", "content-length: 12",
      ]
    )
  }

  @Test("what proxies say to each other is not a program's to say, in whatever case")
  func ownFields() {
    let carried = carry(
      "GET / HTTP/1.1\r\nHost: a\r\nX-Weft-Destination: 22\r\nx-weft-protocol: h2\r\nX-Weft-Hops: 1\r\n\r\n"
    )
    #expect(carried?.fields == [":method: GET", ":scheme: http", ":path: /", ":authority: a", "x-weft-hops: 1"])
  }
}
