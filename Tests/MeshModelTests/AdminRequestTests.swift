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
      .explain(.inbound, from: peer, to: four),
    ] {
      #expect(try AdminRequest(target: request.target) == request)
    }
    #expect(
      try AdminRequest(target: "/v1/explain?to=10.0.0.1:1&direction=inbound&from=[2001:db8::1]:5")
        == .explain(.inbound, from: peer, to: four)
    )
    #expect(try AdminRequest(target: "/v1/connections") == .connections(limit: AdminRequest.defaultLimit))
  }

  @Test(
    "that cannot be meant are refused with what to ask instead",
    arguments: [
      ("/", "there is no /; there are /v1/status, /v1/connections and /v1/explain"),
      ("", "there is no ; there are /v1/status, /v1/connections and /v1/explain"),
      ("/v1/connections?limit=0", "limit \"0\" is not a number from 1 to 10000"),
      ("/v1/connections?limit=1&limit=2", "\"limit=2\" is not a parameter, or is given twice"),
      ("/v1/connections/..", "\"..\" is not a connection id"), ("/v1/connections/", "\"\" is not a connection id"),
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
