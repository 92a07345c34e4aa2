import MeshModel
import Testing

@Suite("Admin questions about requests")
struct AdminQuestionTests {
  @Test("are read from the targets they make, whatever is in the request")
  func roundTrip() throws {
    let six = try #require(SocketAddress("[2001:db8::1]:443"))
    let headers = [
      ImaginedRequest.Header("x-a", "b&c=d %2F é"), .init("x-a", ""), .init("cookie", "k=v; header=x#y"),
    ]
    for question in [
      RequestQuestion(.outbound, try ImaginedRequest(url: "http://web")),
      RequestQuestion(
        .inbound,
        try ImaginedRequest(method: "PURGE", url: "http://[::1]:81/a%2Fb?x=1&y", headers: headers, destination: six),
        source: six.ip,
        identity: try SPIFFEID("spiffe://weft.local/ns/shop/sa/a_b")
      ),
    ] {
      let target = AdminRequest.explainRequest(question).target
      #expect(target.utf8.allSatisfy { (0x21...0x7e).contains($0) })
      #expect(try AdminRequest(target: target) == .explainRequest(question))
    }
  }

  @Test(
    "that cannot be meant are refused with what to ask instead",
    arguments: [
      ("url=http://web/", "direction must be inbound or outbound"),
      ("direction=outbound", "\"\" does not begin with http://; wanted is http://HOST[:PORT]/PATH[?QUERY]"),
      ("direction=inbound&url=http://web/", "from is missing: who dials the workload?"),
      (
        "direction=inbound&url=http://web/&from=::1",
        "to is missing: which address and port of the workload are dialled?"
      ),
      ("direction=outbound&from=web", "from must be an address such as 192.0.2.1 or 2001:db8::1"),
      ("direction=outbound&as=web", "as is no identity: a SPIFFE ID begins with spiffe://"),
      (
        "direction=outbound&url=http://web/&as=spiffe://a/ns/b/sa/c",
        "an outbound request is the workload's own: nobody else can be who sends it"
      ),
      ("to=1.2.3.4:0&direction=outbound", "to must be an address and port such as 192.0.2.1:80 or [2001:db8::1]:80"),
      ("url=a&url=b", "url is given twice"),
      ("url=%4", "\"url=%4\" is not a name, = and a value in percent-encoded UTF-8"),
      ("a", "\"a\" is not a name, = and a value in percent-encoded UTF-8"),
      ("header=:x", "header \":x\" is not NAME: VALUE, or there are more than 100"),
      ("a=b", "there is no a; there are direction, from, as, to, method, url and header"),
    ]
  )
  func refused(query: String, message: String) {
    #expect(throws: AdminError(message)) { try AdminRequest(target: "/v1/explain-request?\(query)") }
  }

  @Test("have no more header fields than a proxy takes")
  func bounded() throws {
    let start = "/v1/explain-request?direction=outbound&url=http://web/"
    let fields = String(repeating: "&header=a:b", count: 100)
    #expect(throws: Never.self) { try AdminRequest(target: start + fields) }
    #expect(throws: AdminError.self) { try AdminRequest(target: start + fields + "&header=a:b") }
  }
}
