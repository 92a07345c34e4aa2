import HTTP1
import Testing

@Suite struct RequestHeadTests {
  @Test("A plain GET is read into its parts")
  func plain() {
    let message = "GET /a/b?c=d?e HTTP/1.1\r\nHost: web.shop:8080\r\nAccept: */*\r\nX-Empty:\r\n\r\nnext"
    withRequest(message) { outcome, head in
      #expect(outcome == .whole(length: message.utf8.count - 4))
      #expect(head.bytes.count == message.utf8.count - 4)
      #expect(head.method == .get && head.form == .origin && head.minorVersion == 1)
      #expect(text(head[head.methodRange]) == "GET")
      #expect(text(head[head.targetRange]) == "/a/b?c=d?e")
      #expect(text(head[head.path]) == "/a/b")
      #expect(head.hasQuery && text(head[head.query]) == "c=d?e")
      #expect(text(head[head.authority]) == "web.shop:8080")
      #expect(text(head[head.host]) == "web.shop" && head.port == 8080)
      #expect(head.framing == .none && head.isPersistent)
      #expect(!head.expectsContinue && !head.wantsUpgrade && !head.acceptsTrailers)
      #expect(head.fields.count == 3)
      #expect(text(head.fields.name(at: 1)) == "Accept" && text(head.fields.value(at: 1)) == "*/*")
      #expect(head.fields[2].value.isEmpty)
    }
  }
}
