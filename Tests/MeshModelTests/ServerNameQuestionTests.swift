import MeshModel
import Testing

@Suite("Admin questions about TLS clients")
struct ServerNameQuestionTests {
  @Test("are read from the targets they make, whatever is in the name")
  func roundTrip() throws {
    let six = try #require(SocketAddress("[2001:db8::1]:8443"))
    for question in [
      try ServerNameQuestion("api.example.com"), try ServerNameQuestion("a&b=c%2F:?#~\u{7e}", port: 8_443, to: six),
      try ServerNameQuestion("", to: six), try ServerNameQuestion(text: "API.example.com.:8443"),
    ] {
      let target = AdminRequest.explainServerName(question).target
      #expect(target.utf8.allSatisfy { (0x21...0x7e).contains($0) })
      #expect(try AdminRequest(target: target) == .explainServerName(question))
    }
    #expect(try ServerNameQuestion(text: "x:81").port == 81 && ServerNameQuestion("x").port == 443)
    #expect(try ServerNameQuestion("x", to: six).port == 8_443)
    #expect(try ServerNameQuestion("A.Test.").comparedName == "a.test")
  }

  @Test(
    "that cannot be meant are refused with what to ask instead",
    arguments: [
      ("", "who asks for no name goes where it dials: say where by to, an ADDRESS:PORT"),
      ("name=a&name=b", "\"name=b\" is not a parameter, or is given twice"),
      ("name=%4", "name is not percent-encoded UTF-8"),
      ("name=a&port=70000", "port \"70000\" is not from 1 to 65535"),
      ("name=a&port=0", "port 0 cannot be dialled; ports are from 1 to 65535"),
      ("name=a&to=b", "to must be an address and port such as 192.0.2.1:443 or [2001:db8::1]:443"),
      ("name=a&port=1&to=10.0.0.1:2", "port 1 is not that of 10.0.0.1:2, which is what is dialled"),
      ("name=a&x=b", "there is no x; there are name, port and to"),
      (
        "name=%C3%A9.test",
        "\"é.test\" is not what a hello asks for: visible ASCII letters, other alphabets as xn--... (RFC 6066 section 3)"
      ),
    ]
  )
  func refused(query: String, message: String) {
    #expect(throws: AdminError(message)) { try AdminRequest(target: "/v1/explain-server-name?\(query)") }
  }

  @Test("have a name that a hello can have")
  func bounded() throws {
    let longest = String(repeating: "a", count: 255)
    #expect(throws: Never.self) { try ServerNameQuestion(longest) }
    #expect(throws: ServerNameQuestionError.tooLong(256)) { try ServerNameQuestion(longest + "a") }
    #expect(throws: ServerNameQuestionError.port("x:y")) { try ServerNameQuestion(text: "x:y") }
  }
}
