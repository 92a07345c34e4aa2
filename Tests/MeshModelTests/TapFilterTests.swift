import MeshModel
import Testing

@Suite("A filter of requests")
struct TapFilterTests {
  private static func request(
    status: UInt16? = 200,
    outcome: RequestOutcome = .ok,
    service: String? = "shop/web:80"
  ) -> RequestReport {
    var request = RequestReport(
      connection: "c1",
      number: 1,
      direction: .outbound,
      source: SocketAddress(IPAddress(v4: 0x0a00_0001), port: 4711),
      originalDestination: SocketAddress(IPAddress(v4: 0x0a00_0002), port: 80),
      method: "GET",
      authority: "Web.Shop:80",
      path: "/items?id=1",
      status: status,
      outcome: outcome,
      reason: "finished"
    )
    request.service = service
    return request
  }

  @Test("takes what all of it is true of, and every request where it says nothing")
  func takes() {
    let request = Self.request()
    for filter in [
      TapFilter(), TapFilter(method: "get"), TapFilter(path: "/items"), TapFilter(path: ""),
      TapFilter(authority: "web.shop"), TapFilter(authority: "WEB.shop:80"), TapFilter(status: .exactly(200)),
      TapFilter(status: .every(2)), TapFilter(service: "shop/web:80"), TapFilter(service: "shop/web"),
      TapFilter(service: "web"), TapFilter(service: "web:80"), TapFilter(source: IPAddress(v4: 0x0a00_0001)),
      TapFilter(direction: .outbound), TapFilter(method: "GET", path: "/", status: .every(2), direction: .outbound),
    ] {
      #expect(filter.takes(request), "\(filter)")
    }
  }

  @Test("leaves out what one part of it is not true of")
  func leavesOut() {
    let request = Self.request()
    for filter in [
      TapFilter(method: "POST"), TapFilter(path: "items"), TapFilter(path: "/items?id=12"),
      TapFilter(authority: "web"), TapFilter(authority: "web.shop:81"), TapFilter(status: .exactly(201)),
      TapFilter(status: .every(5)), TapFilter(status: TapFilter.Status.none), TapFilter(service: "shop"),
      TapFilter(service: "web:81"), TapFilter(service: "unknown"), TapFilter(source: IPAddress(v4: 0x0a00_0002)),
      TapFilter(direction: .inbound), TapFilter(isOnlyErrors: true), TapFilter(method: "GET", path: "/x"),
    ] {
      #expect(!filter.takes(request), "\(filter)")
    }
  }

  @Test("knows errors by what the request came to, and names for what has none")
  func errors() {
    let filter = TapFilter(isOnlyErrors: true)
    #expect(filter.takes(Self.request(status: 403, outcome: .denied)))
    #expect(filter.takes(Self.request(status: nil, outcome: .failed)))
    #expect(!filter.takes(Self.request(status: 404)))
    #expect(TapFilter(status: TapFilter.Status.none).takes(Self.request(status: nil)))
    #expect(TapFilter(service: "unknown").takes(Self.request(service: nil)))
  }

  @Test("reads a status as people write it", arguments: ["404", "100", "599", "4xx", "1xx", "none"])
  func status(text: String) { #expect(TapFilter.Status(text)?.description == text) }

  @Test("refuses a status that is none", arguments: ["", "99", "600", "0xx", "6xx", "4XX", "+04", "404 ", "x"])
  func noStatus(text: String) { #expect(TapFilter.Status(text) == nil) }
}
