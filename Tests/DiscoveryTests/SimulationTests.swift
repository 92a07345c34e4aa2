import MeshAPI
import MeshModel
import Testing
import WeftTestKit

@testable import Discovery

/// One agent, three proxies, and a mesh that changes while streams break: replayed from a seed.
@Suite("The push, simulated")
struct SimulationTests {
  /// A proxy, its stream, and what is under way on it.
  struct Link {
    let node: ProxyNode
    var session: ProxySession
    var server: DeltaServer?
    var requests: [DeltaRequest] = []
    var responses: [DeltaResponse] = []
    var snapshot: Snapshot?
    var waiting: Set<LookupKey> = []

    init(_ node: ProxyNode, _ limits: ProxyView.Limits) {
      self.node = node
      session = ProxySession(node, limits: limits)
    }
  }

  struct World {
    var random: SplitMix64
    var catalog = ResourceCatalog()
    var mesh = RandomMesh()
    var links: [Link]
    var refused: UInt64 = 0

    init(seed: UInt64, limits: ProxyView.Limits) throws {
      random = SplitMix64(seed: seed)
      links = try [("shop", "a"), ("shop", "b"), ("ops", "a")].enumerated().map { number, workload in
        let addresses = (0..<2).map { IPAddress(v4: 0x0a00_0000 + UInt32(number * 5 + $0)) }
        let labels = ["app": workload.1]
        return Link(
          ProxyNode(
            id: "proxy-\(number)",
            workload: try Workload(namespace: workload.0, labels: labels),
            addresses: addresses
          ),
          limits
        )
      }
    }

    mutating func push(_ keys: Set<ResourceKey>) {
      for index in links.indices {
        links[index].responses += links[index].server?.changed(keys, in: &catalog) ?? []
      }
    }

    mutating func want(_ index: Int) {
      let key: LookupKey =
        Bool.random(using: &random)
        ? .host(
          namespace: RandomMesh.namespaces.randomElement(using: &random) ?? "",
          service: RandomMesh.names.randomElement(using: &random) ?? ""
        )
        : .address(
          IPAddress(v4: Bool.random(using: &random) ? 0xf000_0100 : 0x0a00_0000)
            .advanced(by: UInt32.random(in: 0..<16, using: &random))
        )
      if links[index].session.want(key) == .pending { links[index].waiting.insert(key) }
      links[index].requests += links[index].session.takeRequests()
      links[index].waiting.subtract(links[index].session.takeSettled())
    }

    mutating func connect(_ index: Int) {
      guard links[index].server == nil else { return }
      links[index].server = DeltaServer()
      links[index].requests = links[index].session.connected()
    }

    mutating func disconnect(_ index: Int) {
      links[index].server = nil
      links[index].requests = []
      links[index].responses = []
      links[index].session.disconnected()
    }

    /// Delivers one message, if there is one. Returns whether there was.
    mutating func deliver(_ index: Int) throws -> Bool {
      let isRequestNext = links[index].responses.isEmpty || Bool.random(using: &random)
      if isRequestNext, !links[index].requests.isEmpty {
        let request = links[index].requests.removeFirst()
        links[index].responses += try links[index].server?.receive(request, from: &catalog) ?? []
        return true
      }
      guard !links[index].responses.isEmpty else { return false }
      let response = links[index].responses.removeFirst()
      links[index].requests += links[index].session.receive(response)
      links[index].waiting.subtract(links[index].session.takeSettled())
      if let snapshot = try links[index].session.takeSnapshot() { links[index].snapshot = snapshot }
      return true
    }

    mutating func deliverAll() throws {
      for index in links.indices {
        var messages = 0
        while try deliver(index) {
          messages += 1
          try #require(messages < 100_000, "proxy \(index) and its agent never come to rest")
        }
      }
    }

    mutating func step() throws {
      let index = Int.random(in: links.indices, using: &random)
      switch Int.random(in: 0..<100, using: &random) {
      case 0..<20: push(mesh.change(&catalog, &random))
      case 20..<35: want(index)
      case 35..<38: disconnect(index)
      case 38..<50: connect(index)
      default: _ = try deliver(index)
      }
    }
  }

  private func check(_ world: World, seed: UInt64) throws {
    for link in world.links {
      let lookups = Array(link.session.view.hosts.keys) + Array(link.session.view.addresses.keys)
      let wanted = try world.mesh.snapshot(for: link.node, lookups)
      #expect(link.snapshot == wanted, "seed \(seed), \(link.node.id)")
      #expect(link.session.view.peers == world.mesh.peers(lookups), "seed \(seed), \(link.node.id)")
      #expect(link.waiting.isEmpty, "seed \(seed), \(link.node.id) waits for \(link.waiting)")
      #expect(link.server?.subscriptionCount == link.session.subscriptionCount, "seed \(seed), \(link.node.id)")
    }
  }

  private func run(seed: UInt64, steps: Int, limits: ProxyView.Limits) throws -> World {
    var world = try World(seed: seed, limits: limits)
    for _ in 0..<steps { try world.step() }
    world.push(world.mesh.heal(&world.catalog))
    for index in world.links.indices { world.connect(index) }
    try world.deliverAll()
    try check(world, seed: seed)
    // Streams that break when nothing changes cost nothing.
    for index in world.links.indices {
      world.disconnect(index)
      world.connect(index)
    }
    try world.deliverAll()
    for link in world.links { #expect(link.server?.counts.responses == 0, "seed \(seed), \(link.node.id)") }
    try check(world, seed: seed)
    world.refused = world.links.reduce(0) { $0 + $1.session.refused }
    return world
  }

  @Test("Whatever changes and breaks, every proxy ends with what the mesh says, and a new stream sends nothing again")
  func convergence() throws {
    var refused: UInt64 = 0
    for seed in 1...60 as ClosedRange<UInt64> { refused += try run(seed: seed, steps: 400, limits: .init()).refused }
    #expect(refused > 0, "no seed had a resource that was refused")
  }

  @Test("The same holds for proxies that can hold only a few lookups")
  func convergenceWithEviction() throws {
    var limits = ProxyView.Limits()
    limits.hosts = 4
    limits.addresses = 6
    for seed in 101...160 as ClosedRange<UInt64> { _ = try run(seed: seed, steps: 400, limits: limits) }
  }

  @Test("One endpoint that changes costs its service's endpoints, to those who talk to it, and nothing else")
  func costOfAChange() throws {
    var catalog = ResourceCatalog()
    for number in 0..<500 {
      let endpoints = (0..<4).map { "10.\(number / 250).\(number % 250).\($0 + 1):80" }
      _ = catalog.replace(Samples.service("s\(number)", endpoints: endpoints))
    }
    var servers = [DeltaServer(), DeltaServer()]
    for index in servers.indices {
      var request = DeltaRequest()
      request.node = try Samples.node().message
      for type in [ResourceType.service, .endpoints, .policies] {
        request.typeURL = type.url
        request.resourceNamesSubscribe = type == .policies ? ["*"] : (0..<20).map { "shop/s\(index * 20 + $0)" }
        for response in try servers[index].receive(request, from: &catalog) {
          var answer = DeltaRequest()
          answer.typeURL = type.url
          answer.responseNonce = response.nonce
          _ = try servers[index].receive(answer, from: &catalog)
        }
      }
    }
    let before = servers.map(\.counts.bytes)
    let changes = catalog.replaceEndpoints([80: [Samples.endpoint("10.0.7.1:80")]], of: "shop/s7")
    #expect(changes.filter { $0.type == .endpoints }.count == 1)
    #expect(changes.count == 4)
    let responses = [servers[0].changed(changes, in: &catalog), servers[1].changed(changes, in: &catalog)]
    #expect(responses.map(\.count) == [1, 0])
    #expect(responses[0].first?.resources.map(\.name) == ["shop/s7"])
    #expect(servers[0].counts.bytes - before[0] < 32)
    #expect(servers[1].counts.bytes == before[1])
  }
}

extension IPAddress {
  /// The IPv4 address that is so many further.
  fileprivate func advanced(by count: UInt32) -> IPAddress { IPAddress(v4: v4 + count) }
}
