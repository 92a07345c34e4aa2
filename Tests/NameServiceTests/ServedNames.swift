import DNS
import Foundation
import MeshModel
import NameService
import WeftTestKit

/// Runs a name server on loopback while `body` runs, which is away from the threads that tasks share: it may block.
func serving(
  _ services: [Service] = ServedNames.services,
  on listeners: [SocketAddress] = [ServedNames.loopback],
  resolvers: NameServerOptions.Resolvers = .fixed(ServedNames.none),
  local: Set<IPAddress> = [],
  _ body: @escaping @Sendable (ServedNames) throws -> Void
) async throws {
  guard let zone = Zone() else { throw TestKitError("no zone") }
  let options = NameServerOptions(listeners: listeners, zone: zone, resolvers: resolvers, local: local)
  let server = MeshNameServer(options, names: NameTable(services: services))
  try await server.listen()
  let running = Task { try await server.run() }
  do {
    try await away { try body(ServedNames(server: server)) }
  } catch {
    server.close()
    throw error
  }
  server.close()
  try await running.value
}

/// Runs `body`, which may block, on a thread of its own; what it expects is the test's still.
func away<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withTaskExecutorPreference(OwnThreads()) { try body() }
}

/// Gives each job a thread.
private final class OwnThreads: TaskExecutor {
  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    Thread.detachNewThread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}

/// A name server that runs, and what it serves.
struct ServedNames: Sendable {
  let server: MeshNameServer

  static let loopback = SocketAddress(IPAddress(v4: 0x7f00_0001), port: 0)
  static let loopbackV6 = SocketAddress(IPAddress(high: 0, low: 1), port: 0)
  /// A host without a resolver.
  static let none: ResolverConfiguration = asking([])

  static func asking(_ servers: [SocketAddress], timeout_s: Int = 10) -> ResolverConfiguration {
    var configuration = ResolverConfiguration()
    configuration.servers = servers
    configuration.attempts = 1
    configuration.timeout_s = timeout_s
    return configuration
  }

  static let services: [Service] = {
    let web = Service(
      namespace: "shop",
      name: "web",
      addresses: [IPAddress("240.1.2.3"), IPAddress("fd00:1::5")].compactMap { $0 },
      ports: [Service.Port(name: "http", port: 80)]
    )
    let endpoints = (1...40).map { Endpoint(SocketAddress(IPAddress(v4: 0x0a00_0000 + $0), port: 5_432)) }
    let many = Service(
      namespace: "data",
      name: "many",
      ports: [Service.Port(name: "sql", port: 5_432, endpoints: endpoints)]
    )
    return [web, many]
  }()

  var address: SocketAddress { server.addresses.first ?? Self.loopback }

  /// The counts now; for threads that are no task's.
  var counts: NameServiceCounts {
    get throws {
      let box = Box<NameServiceCounts>()
      let server = server
      Task { box.set(await server.counts()) }
      return try eventually("the counts") { box.value }
    }
  }

  /// What dig prints.
  func dig(_ words: String..., at address: SocketAddress? = nil) throws -> String {
    let address = address ?? self.address
    let place = ["@\(address.ip)", "-p", "\(address.port)", "+tries=1", "+time=12"]
    return try Command("dig", place + words).run().orThrow().output
  }

  /// dig's short form, lines sorted.
  func short(_ words: String..., at address: SocketAddress? = nil) throws -> [String] {
    let address = address ?? self.address
    let place = ["@\(address.ip)", "-p", "\(address.port)", "+tries=1", "+time=12", "+short"]
    let output = try Command("dig", place + words).run().orThrow().output
    return output.split(separator: "\n").map(String.init).sorted()
  }
}

/// A value that one thread sets and another waits for.
final class Box<Value: Sendable>: @unchecked Sendable {
  // Unchecked: `held` is only touched under `lock`.
  private var held: Value?
  private let lock = NSLock()

  var value: Value? { lock.withLock { held } }

  func set(_ value: Value) { lock.withLock { held = value } }
}
