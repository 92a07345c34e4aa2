import AgentStore
import DNS
import HealthChecks
import Logging
import MeshAPI
import MeshDocuments
import MeshModel
import NIOPosix
import NameService
import Registry
import Testing
import WeftTestKit

@testable import AgentCore

/// A mesh of one host on a directory, as the agent makes it.
struct MeshScene {
  let mesh: Mesh
  let store: AgentStore

  init(
    _ directory: String,
    log: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
  ) async throws {
    var settings = AgentSettings()
    settings.dataDirectory = directory
    settings.hostName = "one"
    store = try AgentStore.open(directory: directory)
    let founding = try Founding.load(store, settings) ?? Founding.create(store, settings)
    mesh = try Mesh(
      founding.identity,
      MeshMemory(
        credential: founding.credential,
        keyring: founding.keyring,
        owners: store.owners(),
        host: RegistryState.Options(hostAddresses: [IPAddress(v4: 0xc612_0001)])
      ),
      store: store,
      checks: CheckRunner(),
      peers: PeerOutbox(),
      names: NameBoard(MeshNameServer(NameServerOptions(listeners: [], zone: #require(Zone())))),
      loop: MultiThreadedEventLoopGroup.singleton.next(),
      log: log
    )
    try await mesh.begin(store.registrations().records, store.virtualAddresses().assignments)
  }

  func apply(_ text: String) async throws -> Mesh.DocumentAnswer {
    try await mesh.apply([DocumentSource(name: "test.yaml", bytes: Array(text.utf8))], isDryRun: false)
  }

  func names() async -> [String] { await mesh.listServices(namespace: "", name: "").services.map(\.name) }
}
