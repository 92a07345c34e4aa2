internal import AgentStore
internal import Authority
internal import DNS
internal import GRPCCore
internal import GRPCNIOTransportHTTP2
internal import HealthChecks
internal import Journal
internal import Kernel
internal import Logging
internal import Membership
internal import MeshModel
internal import NIOPosix
internal import NameService
internal import Registry
internal import Replication
internal import ServiceLifecycle
internal import UnixSignals

/// An agent from start to end, in the order of `run`.
public enum Agent {
  /// What `--version` and every status say.
  public static let version = Release.version

  /// Why an agent did not start: one line for standard error, and the exit code.
  public struct StartFailure: Error, CustomStringConvertible {
    /// One line that says what failed, against what, and what to check.
    public let description: String
    /// 1: it could not; 2: what it was given is wrong; 3: a privilege or kernel feature is missing.
    public let exitCode: Int32
  }

  /// Serves until told to end. Throws before it serves anything, or not at all.
  public static func run(_ settings: AgentSettings) async throws {
    try settings.check()
    try settings.prepareRunDirectory()
    // Programs and proxies hold a connection each, and a shell's limit is 1,024.
    ProcessLimits.raiseDescriptorLimit()
    let log = try logger(settings)
    let store = try attempt { () throws(AgentStoreError) in try AgentStore.open(directory: settings.dataDirectory) }
    let founding: Founding
    do { founding = try await found(store, settings, log) } catch let failure as StartFailure { throw failure } catch {
      throw StartFailure(
        description: "\(settings.dataDirectory): \(error)\(Founding.advice(for: error))",
        exitCode: 1
      )
    }
    let names = try MeshNameServer(nameOptions(settings, founding.identity))
    let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let outbox = PeerOutbox()
    let mesh = try Mesh(
      founding.identity,
      MeshMemory(
        credential: founding.credential,
        keyring: founding.keyring,
        owners: store.owners(),
        host: HostAddresses.options(settings)
      ),
      store: store,
      checks: CheckRunner(),
      peers: outbox,
      names: NameBoard(names),
      loop: loops.next(),
      log: log
    )
    let registrations = try store.registrations()
    for entry in registrations.unreadable { log.error("what was registered cannot be read and is left out: \(entry)") }
    let assignments = try store.virtualAddresses()
    for entry in assignments.unreadable { log.error("virtual addresses cannot be read and are given anew: \(entry)") }
    try await mesh.begin(registrations.records, assignments.assignments)
    let trust = Trust(founding.trust, store: store, keyring: founding.keyring, log: log)
    let network = Network(founding, settings, store: store, mesh: mesh, trust: trust, outbox: outbox, log: log)

    try await listen(names, settings, log)
    let podNames = try PodNames.open(settings, names, log)
    let doors = try doors(settings, mesh, trust, network, log)
    let parts: [any ServiceLifecycle.Service] = [
      names, podNames, ServiceDirectory(path: settings.servicesDirectory, mesh: mesh, log: log),
      Loop { await mesh.keepTime() }, Loop { await trust.keepTime() },
      JWTKeyExchange(mesh: mesh, trust: trust, log: log), network,
    ]
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: parts + doors,
        gracefulShutdownSignals: [.sigterm, .sigint],
        logger: log
      )
    )
    log.notice(
      "ready: mesh \(founding.identity.meshName), trust domain \(founding.identity.trustDomain), host \(founding.identity.hostName)"
    )
    try await group.run()
    try? store.close()
    log.notice("stopped")
  }

  private static func listen(_ names: MeshNameServer, _ settings: AgentSettings, _ log: Logger) async throws {
    do { try await names.listen() } catch {
      // Who chose the address relies on it; the default may be another name server's, and the mesh serves on without. It may also
      // be a proxy's in this network namespace, who hands it over as soon as the agent is there: by `--dns` too it is the default.
      guard settings.nameServers.allSatisfy(AgentSettings.defaultNameServers.contains) else {
        throw StartFailure(description: "\(error)", exitCode: 1)
      }
      log.warning(
        "names are answered where proxies hand over their sockets, all else is served: \(error); choose another address with --dns"
      )
      try await names.listen(on: [])
    }
  }

  /// What others reach the agent by: its socket, and the page of metrics where one is wanted.
  private static func doors(
    _ settings: AgentSettings,
    _ mesh: Mesh,
    _ trust: Trust,
    _ network: Network,
    _ log: Logger
  ) throws -> [any ServiceLifecycle.Service] {
    let streams = WorkloadStreams()
    let (opened, opening) = AsyncStream<Void>.makeStream()
    let server = try SocketServer(
      settings.socketPath,
      services: [
        DiscoveryService(mesh: mesh, trust: trust, proxyUser: settings.proxyUser),
        WorkloadService(trust: trust, streams: streams, proxyUser: settings.proxyUser),
        OperatorService(mesh: mesh, trust: trust, network: network),
      ],
      gate: CallerGate(trusted: [0, AgentProcess.uid, settings.proxyUser]) { counter, why in
        Task { await mesh.note(counter, why) }
      },
      others: opened
    )
    guard let port = settings.metricsPort else {
      opening.finish()
      return [server]
    }
    return [server, MetricsServer(port: port, network: network, workloads: streams, log: log, opened: opening)]
  }

  /// The mesh that this host is in, made or joined at the first start.
  private static func found(_ store: AgentStore, _ settings: AgentSettings, _ log: Logger) async throws -> Founding {
    let token = try settings.joinToken.map { text throws(JoinTokenFault) in try JoinToken(text) }
    if let known = try Founding.load(store, settings) {
      guard let token else { return known }
      guard known.isReached(by: token) else {
        throw StartFailure(
          description: "\(settings.dataDirectory) is of the mesh \(known.identity.meshName), which is not the token's; "
            + "to join that one, give another --data-dir or empty this one",
          exitCode: 2
        )
      }
      log.info("the token of --join is not needed: this host is in its mesh already")
      return known
    }
    try Founding.refuseRemains(store, settings)
    guard let token else { return try Founding.create(store, settings) }
    log.notice("joining: \(token)")
    do { return try await Founding.join(token, store, settings) } catch {
      throw StartFailure(description: "this host could not join the mesh: \(error)", exitCode: 1)
    }
  }

  private static func nameOptions(_ settings: AgentSettings, _ identity: MeshIdentity) throws -> NameServerOptions {
    let network = VirtualAddresses(mesh: identity.trustDomain).v6Network
    let blocks = Zone.defaultBlocks + [IPPrefix(network, length: VirtualAddresses.v6Length)].compactMap { $0 }
    guard let zone = Zone(virtualBlocks: blocks) else {
      throw StartFailure(description: "the zone of names cannot be made", exitCode: 1)
    }
    return NameServerOptions(listeners: settings.nameServers, zone: zone, resolvers: .file(settings.resolverFile))
  }

  private static func logger(_ settings: AgentSettings) throws -> Logger {
    let journal: JournalLog
    do {
      journal = try JournalLog(mode: settings.log == .journal ? .journal : .stderr, identifier: "weft-agent")
    } catch {
      throw StartFailure(description: "\(error)", exitCode: 1)
    }
    return Logger(label: "weft-agent") { JournalLogHandler(label: $0, log: journal) }
  }

  private static func attempt<Value, Failure: Error>(_ body: () throws(Failure) -> Value) throws(StartFailure) -> Value
  {
    do { return try body() } catch { throw StartFailure(description: "\(error)", exitCode: 1) }
  }
}

/// Something that runs until the agent ends.
private struct Loop: ServiceLifecycle.Service {
  let body: @Sendable () async -> Void

  init(_ body: @escaping @Sendable () async -> Void) { self.body = body }

  func run() async throws { await cancelWhenGracefulShutdown { await body() } }
}
