import MeshAPI
import MeshModel
import Testing

@testable import Discovery

@Suite("The agent's side of a stream")
struct DeltaServerTests {
  private func words(_ responses: [DeltaResponse]) -> [String] {
    responses.map { response in
      (response.resources.map(\.name) + response.removedResources.map { "-\($0)" }).joined(separator: " ")
    }
  }

  @Test("What is subscribed to is sent once, then again when it changes, and not when it does not")
  func pushes() throws {
    var agent = try DeltaServerHarness(Samples.service("web"), Samples.service("db"))
    let first = try agent.send(.service, ["shop/web"])
    #expect(words(first) == ["shop/web"])
    #expect(try agent.send(.service, nonce: first[0].nonce).isEmpty)
    #expect(words(agent.put(Samples.service("web", at: "240.0.0.1"))) == ["shop/web"])
    #expect(agent.put(Samples.service("db", at: "240.0.0.2")).isEmpty)
    #expect(agent.server.counts.taken == 1)
  }

  @Test("What does not exist is told so once, and sent when it comes to exist")
  func absent() throws {
    var agent = try DeltaServerHarness()
    let first = try agent.send(.endpoints, ["shop/web"])
    #expect(words(first) == ["-shop/web"])
    #expect(try agent.send(.endpoints, nonce: first[0].nonce).isEmpty)
    let second = agent.put(Samples.service("web"))
    #expect(words(second) == ["shop/web"])
    #expect(try agent.send(.endpoints, nonce: second[0].nonce).isEmpty)
    #expect(words(agent.server.changed(agent.catalog.remove("shop/web"), in: &agent.catalog)) == ["-shop/web"])
  }

  @Test("One response of a type is outstanding; what changes meanwhile is sent once, as it is then")
  func coalescing() throws {
    var agent = try DeltaServerHarness(Samples.service("web"))
    let first = try agent.send(.endpoints, ["shop/web"])
    for number in 1...5 { #expect(agent.put(Samples.service("web", endpoints: ["10.0.0.\(number):80"])).isEmpty) }
    let second = try agent.send(.endpoints, nonce: first[0].nonce)
    #expect(words(second) == ["shop/web"])
    #expect(try agent.send(.endpoints, nonce: second[0].nonce).isEmpty)
    #expect(agent.server.counts.responses == 2)
  }

  @Test("A change that is undone while a response is outstanding is never sent")
  func undone() throws {
    var agent = try DeltaServerHarness(Samples.service("web"))
    let first = try agent.send(.endpoints, ["shop/web"])
    _ = agent.put(Samples.service("web", endpoints: ["10.0.0.1:80"]))
    _ = agent.put(Samples.service("web"))
    #expect(try agent.send(.endpoints, nonce: first[0].nonce).isEmpty)
  }

  @Test("Types do not wait for each other")
  func types() throws {
    var agent = try DeltaServerHarness(Samples.service("web"))
    #expect(try agent.send(.service, ["shop/web"]).count == 1)
    #expect(try agent.send(.endpoints, ["shop/web"]).count == 1)
    #expect(try agent.send(.policies, ["*"]).count == 1)
    #expect(try agent.send(.lookup, ["host/web"]).count == 1)
  }

  @Test("A proxy that comes back gets what changed, and is told what vanished; what is equal is not sent")
  func resume() throws {
    var agent = try DeltaServerHarness(Samples.service("a"), Samples.service("b"), Samples.service("c"))
    let versions = Dictionary(
      uniqueKeysWithValues: try agent.send(.service, ["shop/a", "shop/b", "shop/c"])[0].resources.map {
        ($0.name, $0.version)
      }
    )
    agent.server = DeltaServer()
    #expect(try agent.send(.service, ["shop/a", "shop/b", "shop/c"], having: versions).isEmpty)
    _ = agent.catalog.replace(Samples.service("b", at: "240.0.0.1"))
    _ = agent.catalog.remove("shop/c")
    agent.server = DeltaServer()
    let names = ["shop/a", "shop/b", "shop/c", "shop/d"]
    let again = try agent.send(.service, names, having: versions.merging(["shop/d": ""]) { $1 })
    #expect(words(again) == ["shop/b -shop/c"])
  }

  @Test("Versions of another agent are none of ours, and the resource is sent")
  func foreignVersions() throws {
    var agent = try DeltaServerHarness(Samples.service("web"))
    #expect(words(try agent.send(.service, ["shop/web"], having: ["shop/web": "42"])) == ["shop/web"])
  }

  @Test("A resource that was refused is not sent again until it changes, and the reason is kept")
  func refusal() throws {
    var agent = try DeltaServerHarness(Samples.service("web"))
    let first = try agent.send(.service, ["shop/web"])
    #expect(try agent.send(.service, nonce: first[0].nonce, refusal: "too blue").isEmpty)
    #expect(agent.server.counts.refused == 1)
    #expect(agent.server.lastRefusal == "too blue (service)")
    #expect(agent.server.changed([ResourceKey(.service, "shop/web")], in: &agent.catalog).isEmpty)
    #expect(words(agent.put(Samples.service("web", at: "240.0.0.1"))) == ["shop/web"])
  }

  @Test("What the proxy still has after a refusal is not sent to it again")
  func refusalKeepsTheOld() throws {
    var agent = try DeltaServerHarness(Samples.service("web"))
    let first = try agent.send(.service, ["shop/web"])
    _ = try agent.send(.service, nonce: first[0].nonce)
    let second = agent.put(Samples.service("web", at: "240.0.0.1"))
    #expect(try agent.send(.service, nonce: second[0].nonce, refusal: "no").isEmpty)
    #expect(agent.put(Samples.service("web")).isEmpty)
  }

  @Test("One wrong resource of many does not keep the others away: a refused response is halved until it is alone")
  func halving() throws {
    var agent = try DeltaServerHarness()
    let names = (0..<40).map { "shop/s\($0)" }
    for name in names { _ = agent.catalog.replace(Samples.service(String(name.dropFirst(5)))) }
    var responses = try agent.send(.service, names)
    var taken: Set<String> = []
    var rounds = 0
    while let response = responses.first {
      rounds += 1
      try #require(rounds < 100)
      let isWrong = response.resources.contains { $0.name == "shop/s13" }
      if !isWrong { taken.formUnion(response.resources.map(\.name)) }
      responses = try agent.send(.service, nonce: response.nonce, refusal: isWrong ? "s13" : nil)
    }
    #expect(taken == Set(names).subtracting(["shop/s13"]))
    #expect(rounds <= 13)
    #expect(agent.server.changed(Set(names.map { ResourceKey(.service, $0) }), in: &agent.catalog).isEmpty)
  }

  @Test("A refused removal is not repeated")
  func refusedRemoval() throws {
    var agent = try DeltaServerHarness()
    let first = try agent.send(.service, ["shop/web"])
    #expect(try agent.send(.service, nonce: first[0].nonce, refusal: "no").isEmpty)
    #expect(agent.server.changed([ResourceKey(.service, "shop/web")], in: &agent.catalog).isEmpty)
  }

  @Test("Answers to another response than the outstanding one count for nothing", arguments: ["7", "", "x"])
  func stale(_ nonce: String) throws {
    var agent = try DeltaServerHarness(Samples.service("web"))
    let first = try agent.send(.service, ["shop/web"])
    #expect(try agent.send(.service, nonce: nonce, refusal: "old").isEmpty)
    #expect(agent.server.counts.stale == 1)
    #expect(agent.server.counts.refused == 0)
    #expect(agent.put(Samples.service("web", at: "240.0.0.1")).isEmpty)
    #expect(words(try agent.send(.service, nonce: first[0].nonce)) == ["shop/web"])
  }

  @Test("What is unsubscribed is not sent any more; subscribed again, it is sent again")
  func unsubscribe() throws {
    var agent = try DeltaServerHarness(Samples.service("web"))
    let first = try agent.send(.service, ["shop/web"])
    #expect(try agent.send(.service, without: ["shop/web"], nonce: first[0].nonce).isEmpty)
    #expect(agent.put(Samples.service("web", at: "240.0.0.1")).isEmpty)
    #expect(agent.server.subscriptionCount == 0)
    let second = try agent.send(.service, ["shop/web"])
    #expect(words(second) == ["shop/web"])
    #expect(
      words(try agent.send(.service, ["shop/web"], without: ["shop/web"], nonce: second[0].nonce)) == ["shop/web"]
    )
  }

  @Test("A refusal of what was unsubscribed meanwhile does not touch the new subscription")
  func refusalOfTheOld() throws {
    var agent = try DeltaServerHarness(Samples.service("web"))
    let first = try agent.send(.service, ["shop/web"])
    #expect(try agent.send(.service, ["shop/web"], without: ["shop/web"]).isEmpty)
    #expect(words(try agent.send(.service, nonce: first[0].nonce, refusal: "no")) == ["shop/web"])
  }

  @Test("Subscribing and unsubscribing without end holds no more than the names that are left")
  func churn() throws {
    var queue = TypeStream(.service)
    queue.subscribe("first", held: .nothing, serial: 0)
    _ = queue.next(nonce: "1") { _ in .absent }
    for number in 1...20_000 {
      queue.subscribe("x", held: .nothing, serial: UInt64(number))
      queue.unsubscribe("x")
    }
    #expect(queue.queued <= 2 * DiscoveryLimit.requestNames)
  }

  @Test("A large answer is split, each part sent when the one before was answered")
  func splitting() throws {
    var agent = try DeltaServerHarness()
    let names = (0..<300).map { "shop/s\($0)" }
    for name in names {
      var service = Samples.service(String(name.dropFirst(5)))
      service.ports[0].endpoints = (0..<500).map {
        Endpoint(SocketAddress(Samples.ip("10.0.\($0 / 250).\($0 % 250)"), port: 80), zone: "zone-of-some-length")
      }
      _ = agent.catalog.replace(service)
    }
    var responses = try agent.send(.endpoints, names)
    var seen: Set<String> = []
    var parts = 0
    while let response = responses.first {
      parts += 1
      #expect(responses.count == 1)
      let bytes = response.resources.reduce(0) { $0 + agent.size(of: $1.name) }
      #expect(bytes < 2 * DiscoveryLimit.responseBytes)
      for resource in response.resources { #expect(seen.insert(resource.name).inserted) }
      responses = try agent.send(.endpoints, nonce: response.nonce)
    }
    #expect(parts > 1)
    #expect(seen == Set(names))
  }

  @Test("A first request without a node, an unknown type, a name without bytes or with too many ends the stream")
  func malformed() throws {
    var agent = try DeltaServerHarness()
    var request = DeltaRequest()
    request.typeURL = ResourceType.service.url
    #expect(throws: StreamRefusal(.invalidArgument, "the first request of a stream must say which node it is from")) {
      try agent.server.receive(request, from: &agent.catalog)
    }
    request.node = agent.node.message
    request.typeURL = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
    let refusal = #expect(throws: StreamRefusal.self) { try agent.server.receive(request, from: &agent.catalog) }
    #expect(refusal?.reason.contains("envoy.config.cluster.v3.Cluster") == true)
    for name in ["", String(repeating: "x", count: 513)] {
      #expect(throws: StreamRefusal.self) { try agent.send(.service, [name]) }
    }
    #expect(try agent.send(.service, [String(repeating: "x", count: 512)]).count == 1)
  }

  @Test("More names than a proxy may have end the stream; as many do not")
  func tooMany() throws {
    var agent = try DeltaServerHarness()
    agent.server = DeltaServer(subscriptions: 3)
    _ = try agent.send(.service, ["a", "b"])
    _ = try agent.send(.lookup, ["c"])
    _ = try agent.send(.lookup, ["d"], without: ["c"])
    let refusal = #expect(throws: StreamRefusal.self) { try agent.send(.lookup, ["e"]) }
    #expect(refusal?.code == .resourceExhausted)
  }

  @Test("Names are answered whatever they are")
  func strangeNames() throws {
    var agent = try DeltaServerHarness(Samples.service("web"))
    let names = [
      "*", "/", "host/", "host/..", "address/x", "host/\u{0}", "address/::ffff:10.0.0.1", "❄️/web", "shop/web/web",
    ]
    for type in [ResourceType.lookup, .service, .endpoints] {
      let response = try #require(try agent.send(type, names).first)
      #expect(Set(response.removedResources) == Set(names))
    }
  }
}
