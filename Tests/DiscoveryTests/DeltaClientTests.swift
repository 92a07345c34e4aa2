import MeshAPI
import Testing

@testable import Discovery

@Suite("The proxy's side of a stream")
struct DeltaClientTests {
  private static let web = ResourceKey(.service, "shop/web")

  private func client(_ keys: ResourceKey...) throws -> DeltaClient {
    var client = DeltaClient(try Samples.node())
    for key in keys { client.subscribe(key) }
    return client
  }

  /// What an agent with these services answers to the first request.
  private func response(to requests: [DeltaRequest], _ services: [String] = ["web"]) throws -> DeltaResponse {
    var catalog = ResourceCatalog()
    for name in services { _ = catalog.replace(Samples.service(name)) }
    var server = DeltaServer()
    return try #require(try requests.flatMap { try server.receive($0, from: &catalog) }.first)
  }

  private func offer(_ intake: DeltaClient.Intake) throws -> Offer {
    guard case .offer(let offer) = intake else {
      Issue.record("it was refused")
      throw ResourceRefusal("", "", "refused")
    }
    return offer
  }

  @Test("The first request says who asks, and only that one")
  func node() throws {
    var client = try client(.policies, Self.web)
    let requests = client.connected()
    #expect(requests.map(\.hasNode) == [true, false])
    #expect(requests.map(\.typeURL) == [ResourceType.policies.url, ResourceType.service.url])
    #expect(client.takeRequests().isEmpty)
  }

  @Test("Nothing is sent without a stream, and everything that is wanted on one")
  func offline() throws {
    var client = try client()
    client.subscribe(Self.web)
    #expect(client.takeRequests().isEmpty)
    #expect(client.connected().map(\.resourceNamesSubscribe) == [["shop/web"]])
    client.disconnected()
    #expect(client.takeRequests().isEmpty)
  }

  @Test("What was taken is told by its version on the next stream; what is not there by an empty one")
  func versions() throws {
    var client = try client(Self.web, ResourceKey(.service, "shop/db"))
    let response = try response(to: client.connected())
    let answer = try #require(client.accept(try offer(client.take(response))))
    #expect(answer.responseNonce == response.nonce)
    #expect(!answer.hasErrorDetail)
    client.disconnected()
    let again = client.connected()
    #expect(again[0].initialResourceVersions == ["shop/web": response.resources[0].version, "shop/db": ""])
  }

  @Test("A refusal names the response and the reason, and no version is kept")
  func refusal() throws {
    var client = try client(Self.web)
    let response = try response(to: client.connected())
    let refusal = ResourceRefusal(Self.web, "ports[0]", "is odd")
    let answer = try #require(client.reject(try offer(client.take(response)), refusal))
    #expect(answer.responseNonce == response.nonce)
    #expect(answer.errorDetail.message == "service shop/web: ports[0]: is odd")
    client.disconnected()
    #expect(client.connected()[0].initialResourceVersions.isEmpty)
  }

  @Test("An answer to a response of an earlier stream is not sent on a later one")
  func otherStream() throws {
    var client = try client(Self.web)
    let offer = try offer(client.take(try response(to: client.connected())))
    client.disconnected()
    _ = client.connected()
    #expect(client.accept(offer) == nil)
  }

  @Test("Wants that come and go between two requests are told once, or not at all")
  func coalescing() throws {
    var client = try client(.policies)
    _ = client.connected()
    client.subscribe(Self.web)
    client.unsubscribe(Self.web)
    #expect(client.takeRequests().isEmpty)
    client.subscribe(Self.web)
    #expect(client.takeRequests().map(\.resourceNamesSubscribe) == [["shop/web"]])
    client.unsubscribe(Self.web)
    client.subscribe(Self.web)
    let requests = client.takeRequests()
    #expect(requests.map(\.resourceNamesUnsubscribe) == [["shop/web"]])
    #expect(requests.map(\.resourceNamesSubscribe) == [["shop/web"]])
    client.unsubscribe(Self.web)
    client.subscribe(Self.web)
    client.unsubscribe(Self.web)
    #expect(client.takeRequests().map(\.resourceNamesSubscribe) == [[]])
  }

  @Test("What was unsubscribed while it was under way is not offered")
  func underWay() throws {
    var client = try client(Self.web)
    let response = try response(to: client.connected())
    client.unsubscribe(Self.web)
    #expect(try offer(client.take(response)).count == 0)
  }

  @Test("Many names are asked for in several requests, all with their versions")
  func chunks() throws {
    var client = try client()
    for number in 0..<5_000 { client.subscribe(ResourceKey(.lookup, "host/s\(number).shop.mesh")) }
    let requests = client.connected()
    #expect(requests.map(\.resourceNamesSubscribe.count) == [2_048, 2_048, 904])
    #expect(Set(requests.flatMap(\.resourceNamesSubscribe)).count == 5_000)
    for number in 0..<5_000 { client.unsubscribe(ResourceKey(.lookup, "host/s\(number).shop.mesh")) }
    client.subscribe(ResourceKey(.lookup, "host/s1.shop.mesh"))
    let last = client.takeRequests()
    #expect(last.map(\.resourceNamesUnsubscribe.count) == [2_048, 2_048, 904])
    #expect(last.map(\.resourceNamesSubscribe.count) == [0, 0, 1])
  }

  @Test("A response that no agent of ours would send is refused with the place")
  func malformed() throws {
    var client = try client(Self.web)
    let right = try response(to: client.connected())
    func refusal(_ change: (inout DeltaResponse) -> Void) -> String {
      var response = right
      change(&response)
      guard case .refused(let request, let refusal) = client.take(response) else { return "" }
      return request.responseNonce == right.nonce && request.hasErrorDetail ? refusal.description : ""
    }
    #expect(refusal { $0.typeURL = "x" } == "type_url: is none of the types that were asked for")
    #expect(
      refusal { $0.typeURL = ResourceType.endpoints.url }.contains("endpoints shop/web: resource: is not of type")
    )
    #expect(refusal { $0.resources += $0.resources } == "service shop/web: is there twice")
    #expect(refusal { $0.removedResources = ["shop/web"] } == "service shop/web: is there twice")
    #expect(refusal { $0.resources[0].version = "" }.contains("version: is empty"))
    #expect(refusal { $0.resources[0].version = String(repeating: "1", count: 129) }.contains("version"))
    #expect(refusal { $0.resources[0].clearResource() }.contains("is not of type"))
    #expect(
      refusal {
        $0.resources[0].name = String(repeating: "n", count: 5_000); $0.typeURL = ResourceType.lookup.url
      }.utf8.count <= 1_024
    )
  }
}
