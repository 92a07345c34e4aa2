import MeshModel
import Testing

@Suite("Admin requests")
struct AdminRequestTests {
  @Test("are read from the targets they make")
  func roundTrip() throws {
    let peer = try #require(IPAddress("2001:db8::1"))
    let six = SocketAddress(peer, port: 443)
    let four = SocketAddress(IPAddress(v4: 0x0a00_0001), port: 1)
    for request: AdminRequest in [
      .status, .connections(limit: 5), .connection(id: "a1-B_2"), .explain(.outbound, from: nil, to: six),
      .explain(.inbound, from: peer, to: four), .requests, .edges, .peers(limit: 7),
      .tap(after: nil, limit: 1, TapFilter()),
      .tap(after: 7, limit: 1_024, Self.filter(peer)),
    ] {
      #expect(try AdminRequest(target: request.target) == request)
    }
    #expect(
      try AdminRequest(target: "/v1/explain?to=10.0.0.1:1&direction=inbound&from=[2001:db8::1]:5")
        == .explain(.inbound, from: peer, to: four)
    )
    #expect(try AdminRequest(target: "/v1/connections") == .connections(limit: AdminRequest.defaultLimit))
  }

  /// Every part of a filter, with what would end a value early if it were not encoded.
  private static func filter(_ source: IPAddress) -> TapFilter {
    TapFilter(
      method: "GET",
      path: "/a b?c=d&e=%2F#é\r\n",
      authority: "web.shop:80",
      status: .every(5),
      service: "shop/web:80",
      source: source,
      direction: .inbound,
      isOnlyErrors: true
    )
  }

  @Test("are targets of printable ASCII, whatever the filter holds")
  func encoded() throws {
    let filter = Self.filter(try #require(IPAddress("::1")))
    let target = AdminRequest.tap(after: .max, limit: 5, filter).target
    #expect(target.utf8.allSatisfy { (0x21...0x7e).contains($0) })
    #expect(
      target.hasPrefix("/v1/tap?after=18446744073709551615&limit=5&method=GET&path=/a%20b%3Fc%3Dd%26e%3D%252F%23")
    )
  }

  @Test(
    "that cannot be meant are refused with what to ask instead",
    arguments: [
      (
        "/",
        "there is no /; there are /v1/status, /v1/connections, /v1/requests, /v1/edges, /v1/peers, /v1/tap, /v1/explain, /v1/explain-request and /v1/explain-server-name"
      ),
      (
        "",
        "there is no ; there are /v1/status, /v1/connections, /v1/requests, /v1/edges, /v1/peers, /v1/tap, /v1/explain, /v1/explain-request and /v1/explain-server-name"
      ),
      ("/v1/connections?limit=0", "limit \"0\" is not a number from 1 to 10000"),
      ("/v1/connections?limit=1&limit=2", "\"limit=2\" is not a parameter, or is given twice"),
      ("/v1/connections/..", "\"..\" is not a connection id"), ("/v1/connections/", "\"\" is not a connection id"),
      ("/v1/tap?limit=1025", "limit \"1025\" is not a number from 1 to 1024"),
      ("/v1/tap?after=-1", "after \"-1\" is not a number from 0 to 18446744073709551615"),
      ("/v1/tap?status=6xx", "status \"6xx\" is not 404, 4xx or none"),
      ("/v1/tap?only=denials", "only \"denials\" is not errors"),
      ("/v1/tap?direction=up", "direction \"up\" is not inbound or outbound"),
      ("/v1/tap?path=%2", "path \"%2\" is not percent-encoded UTF-8 of at most 256 bytes"),
      ("/v1/tap?path=%FF", "path \"%FF\" is not percent-encoded UTF-8 of at most 256 bytes"),
      (
        "/v1/tap?verb=GET",
        "there is no filter verb; there are method, path, authority, status, service, source, direction and only"
      ),
      ("/v1/explain", "direction must be inbound or outbound"),
      (
        "/v1/explain?direction=inbound&to=x",
        "to must be an address and port such as 192.0.2.1:80 or [2001:db8::1]:80"
      ),
      ("/v1/explain?direction=inbound&to=[::1]:80", "from is missing: who dials the workload?"),
      (
        "/v1/explain?direction=inbound&to=[::1]:80&from=x",
        "from must be an address such as 192.0.2.1 or 2001:db8::1, with or without a port"
      ),
    ]
  )
  func refused(target: String, message: String) {
    #expect(throws: AdminError(message)) { try AdminRequest(target: target) }
  }
}
