import Discovery
import Kernel
import MeshModel
@testable import ProxyPath
import Testing

@Suite("A TLS client's name that the rules do not know")
struct HoldHelloTests {
  private let bench: WorkerBench
  /// Where the client meant to go, and the service that it names.
  private let original: BenchServer
  private let web: BenchServer
  private let question = LookupKey.host(namespace: "shop", service: "web")

  init() throws {
    bench = try WorkerBench()
    original = try BenchServer()
    web = try BenchServer()
  }

  private func hello(_ name: String) -> [UInt8] {
    HelloBytes.records(HelloBytes.message(extensions: HelloBytes.serverName(Array(name.utf8))))
  }

  /// A client whose destination is known to be no service's, so that it is connected there.
  private func client() throws -> Held {
    let client = try bench.client(to: original.address)
    let address = LookupKey.address(original.address.ip)
    #expect(try bench.question() == [address])
    try bench.answer(settled: [address])
    try bench.turns("a connection where it meant to go") { original.count > 0 ? () : nil }
    return client
  }

  @Test("is asked of the agent, and the hello goes to the service alone, whole")
  func known() throws {
    let client = try client()
    let hello = hello("Web.Shop.mesh")
    #expect(client.write(hello) == hello.count)
    #expect(try bench.question() == [question])
    bench.idle()
    #expect(try original.connections[0].read() == nil && web.count == 0)
    try bench.answer([web.service("web", in: "shop", port: original.address.port)], settled: [question])
    try bench.turns("a connection at the service") { web.count > 0 ? () : nil }
    #expect(try bench.turns("the hello") { try web.connections[0].read() } == hello)
    #expect(bench.worker.lookups.isHolding == false)
    #expect(web.connections[0].write([1, 2]) == 2)
    #expect(try bench.read(client) == "\u{1}\u{2}")
  }

  @Test("leads to where it meant to go, if the agent knows nobody of it either, and is not asked about again")
  func unknown() throws {
    let client = try client()
    let hello = hello("web.shop.mesh")
    #expect(client.write(hello) == hello.count)
    #expect(try bench.question() == [question])
    try bench.answer(settled: [question])
    #expect(try bench.turns("the hello") { try original.connections[0].read() } == hello)
    #expect(bench.worker.lookups.isHolding == false && bench.seat.wanted() == [])
  }

  @Test("leads there after a second without an answer, or when the agent is lost")
  func unanswered() throws {
    for isLost in [false, true] {
      let (bench, original) = (try WorkerBench(), try BenchServer())
      let client = try bench.client(to: original.address)
      let address = LookupKey.address(original.address.ip)
      #expect(try bench.question() == [address])
      try bench.answer(settled: [address])
      let hello = hello("web.shop.mesh")
      #expect(client.write(hello) == hello.count)
      #expect(try bench.question() == [question])
      if isLost { bench.seat.setLive(false) }
      try bench.turns("a connection") { original.count > 0 ? () : nil }
      #expect(try bench.turns("the hello") { try original.connections[0].read() } == hello)
    }
  }

  @Test("outside the mesh is not asked about")
  func outside() throws {
    let client = try client()
    let hello = hello("api.example.com")
    #expect(client.write(hello) == hello.count)
    #expect(try bench.turns("the hello") { try original.connections[0].read() } == hello)
    #expect(bench.seat.wanted() == [])
  }

  @Test("is given up with its client")
  func gone() throws {
    let client = try client()
    #expect(client.write(hello("web.shop.mesh")) != nil)
    #expect(try bench.question() == [question])
    client.reset()
    let record = try bench.turns("a record") { bench.ended().first }
    #expect(record.reason == .clientReset)
    try bench.answer(settled: [question])
    bench.idle()
    #expect(bench.worker.lookups.isHolding == false)
  }
}
