import HTTP1
import HTTP2
import Testing

@testable import Transcoding

@Suite("What HTTP/2 carries is written in HTTP/1.1")
struct MessageDecoderTests {
  private let request = [(":method", "POST"), (":scheme", "http"), (":path", "/a?b"), (":authority", "web")]

  @Test("a request with a body of unknown length is chunked, with its trailers behind it")
  func chunked() {
    var decoder = MessageDecoder()
    let text = written { writer in
      #expect(withFields(request + [("x-a", "1")]) { decoder.request($0, endsStream: false, into: &writer) })
      Array("hello, there".utf8).withUnsafeBytes { decoder.data($0, into: &writer) }
      withFields([("x-sum", "12")]) { decoder.end($0, into: &writer) }
    }
    #expect(
      text == "POST /a?b HTTP/1.1\r\nhost: web\r\nx-a: 1\r\ntransfer-encoding: chunked\r\n\r\n"
        + "c\r\nhello, there\r\n0\r\nx-sum: 12\r\n\r\n"
    )
  }

  @Test("one with a length is counted, and its trailers have no place")
  func counted() {
    var decoder = MessageDecoder()
    let text = written { writer in
      #expect(withFields(request + [("content-length", "2")]) { decoder.request($0, endsStream: false, into: &writer) })
      Array("hi".utf8).withUnsafeBytes { decoder.data($0, into: &writer) }
      withFields([("x-sum", "2")]) { decoder.end($0, into: &writer) }
    }
    #expect(text == "POST /a?b HTTP/1.1\r\nhost: web\r\ncontent-length: 2\r\n\r\nhi")
  }

  @Test("a request that ends with its head has no body")
  func bare() {
    var decoder = MessageDecoder()
    let text = written { writer in
      #expect(withFields(request) { decoder.request($0, endsStream: true, into: &writer) })
    }
    #expect(text == "POST /a?b HTTP/1.1\r\nhost: web\r\n\r\n")
  }

  @Test("cookies come together in one field; the authority outweighs a host; what is for the proxy stays here")
  func fields() {
    var decoder = MessageDecoder()
    let more = [("cookie", "a=1"), ("host", "other"), ("cookie", "b=2"), ("x-weft-destination", "8080"), ("x-z", "")]
    let text = written { writer in
      #expect(withFields(request + more) { decoder.request($0, endsStream: true, into: &writer) })
    }
    #expect(text == "POST /a?b HTTP/1.1\r\nhost: web\r\ncookie: a=1; b=2\r\nx-z: \r\n\r\n")
  }

  @Test("without a method or a target there is no request")
  func incomplete() {
    _ = written { writer in
      var decoder = MessageDecoder()
      #expect(
        !withFields([(":method", "GET"), (":authority", "a")]) { decoder.request($0, endsStream: true, into: &writer) }
      )
      #expect(!withFields([(":path", "/")]) { decoder.request($0, endsStream: true, into: &writer) })
      #expect(
        !withFields([(":status", "20x")]) { decoder.response($0, answering: .get, endsStream: true, into: &writer) }
      )
    }
  }

  @Test(
    "answers: an empty one says so, to HEAD and with 204 and 304 nothing is added",
    arguments: [
      (Method.get, "200", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
      (.head, "200", "HTTP/1.1 200 OK\r\n\r\n"),
      (.get, "204", "HTTP/1.1 204 No Content\r\n\r\n"),
      (.get, "304", "HTTP/1.1 304 Not Modified\r\n\r\n"),
      (.get, "599", "HTTP/1.1 599 \r\ncontent-length: 0\r\n\r\n"),
    ]
  )
  func answers(method: Method, status: String, expected: String) {
    var decoder = MessageDecoder()
    let text = written { writer in
      #expect(
        withFields([(":status", status)]) { decoder.response($0, answering: method, endsStream: true, into: &writer) }
      )
    }
    #expect(text == expected)
  }

  @Test("an agreed switch of protocols is one again, and the bytes behind it are as they came")
  func upgrade() {
    var decoder = MessageDecoder(
      upgrade: Array("websocket".utf8).withUnsafeBytes { ProtocolName($0) } ?? ProtocolName()
    )
    let text = written { writer in
      #expect(
        withFields([(":status", "200"), ("sec-websocket-accept", "s")]) {
          decoder.response($0, answering: .get, endsStream: false, into: &writer)
        }
      )
      Array("raw".utf8).withUnsafeBytes { decoder.data($0, into: &writer) }
      decoder.end(nil, into: &writer)
    }
    #expect(
      text
        == "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: s\r\n\r\nraw"
    )
  }
}
