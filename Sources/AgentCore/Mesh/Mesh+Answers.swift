internal import Discovery
internal import MeshAPI
internal import MeshDocuments
internal import MeshModel
internal import PeerService
internal import Registry
internal import Replication

/// What the mesh says of itself to operators.
extension Mesh {
  func status() async -> Weft_Agent_V1_StatusReply {
    var reply = Weft_Agent_V1_StatusReply()
    reply.version = Release.version
    reply.hostName = identity.hostName
    reply.meshName = identity.meshName
    reply.trustDomain = identity.trustDomain
    reply.uptimeMs = Clocks.monotonic_ms - started_ms
    reply.services = UInt32(services.count)
    reply.endpoints = UInt32(services.values.reduce(0) { $0 + $1.service.distinctEndpoints.count })
    reply.documents = UInt32(documents.count)
    reply.membersAlive = UInt32(alive.count)
    reply.membersKnown = UInt32(alive.count)
    reply.warnings = documents.warnings.issues.map(\.description)
    reply.proxies = streams.values.compactMap { stream in
      guard let node = stream.server.node else { return nil }
      var proxy = Weft_Agent_V1_StatusReply.Proxy()
      proxy.name = node.id
      proxy.namespace = node.workload.namespace
      proxy.pid = UInt32(bitPattern: stream.caller.pid)
      proxy.uid = stream.caller.uid
      proxy.subscriptions = UInt32(stream.server.subscriptionCount)
      proxy.pushes = stream.server.counts.responses
      proxy.nacks = stream.server.counts.refused
      proxy.lastNack = stream.server.lastRefusal
      return proxy
    }.sorted { ($0.name, $0.pid) < ($1.name, $1.pid) }
    reply.counters = counters
    reply.counters["records_stale"] = UInt64(replica.counters.stale)
    for (name, count) in peers.counts.snapshot { reply.counters["peers_\(name)"] = count }
    reply.counters.merge(await names.counters()) { $1 }
    return reply
  }

  func listServices(namespace: String, name: String) -> Weft_Agent_V1_ServicesReply {
    var reply = Weft_Agent_V1_ServicesReply()
    reply.services = matching(namespace, name).map { key, known in
      var one = Weft_Agent_V1_ServicesReply.Service()
      one.namespace = key.namespace
      one.name = key.name
      one.dnsName = "\(key.name).\(key.namespace).mesh"
      one.virtualAddresses = known.service.addresses.map(\.description)
      one.ports = known.service.ports.map(\.summary)
      let endpoints = known.service.distinctEndpoints
      one.endpoints = UInt32(endpoints.count)
      one.ready = UInt32(endpoints.values.count { $0 })
      one.hosts = Set(known.instances.map(\.host.name)).sorted()
      return one
    }
    return reply
  }

  func listEndpoints(namespace: String, name: String) -> Weft_Agent_V1_EndpointsReply {
    var reply = Weft_Agent_V1_EndpointsReply()
    for (key, known) in matching(namespace, name) {
      var told: Set<SocketAddress> = []
      for instance in known.instances {
        for port in instance.record.ports {
          for endpoint in instance.record.endpoints(port) {
            told.insert(endpoint.address)
            reply.endpoints.append(
              .init(key, port.name, endpoint, host: instance.host.name, instance: instance.record.key.instance)
            )
            if instance.host == identity.owner {
              reply.endpoints[reply.endpoints.count - 1].checks = checks(of: instance.record.key)
            }
          }
        }
      }
      for port in known.service.ports {
        for endpoint in port.endpoints where told.insert(endpoint.address).inserted {
          reply.endpoints.append(.init(key, port.name, endpoint, host: "", instance: ""))
        }
      }
    }
    return reply
  }

  /// What an instance's registration came to.
  func registerAndTell(
    _ registrations: [Registration],
    owner: RegistryOwner
  ) throws -> [Weft_Agent_V1_RegisterReply.Registered] {
    try register(registrations, owner: owner).map { instance in
      let key = instance.registration.key
      var told = Weft_Agent_V1_RegisterReply.Registered()
      told.namespace = key.namespace
      told.name = key.name
      told.instance = key.instance
      told.addresses = instance.addresses.flatMap { address in
        instance.registration.ports.map { SocketAddress(address, port: $0.port).description }
      }
      told.virtualAddresses =
        virtual.assignment(namespace: key.namespace, name: key.name)?.addresses.map(\.description) ?? []
      told.dnsName = "\(key.name).\(key.namespace).mesh"
      told.isReady = instance.isReady
      return told
    }
  }

  private func matching(_ namespace: String, _ name: String) -> [(key: ServiceKey, value: KnownService)] {
    services.filter { key, _ in
      (namespace.isEmpty || key.namespace == namespace) && (name.isEmpty || key.name == name)
    }.sorted { $0.key < $1.key }
  }

  private func checks(of key: Registration.Key) -> [Weft_Agent_V1_EndpointsReply.Check] {
    (registry.instances[key]?.checks ?? []).map { check in
      var told = Weft_Agent_V1_EndpointsReply.Check()
      told.name = check.definition.name
      told.kind = check.definition.kind.word
      told.isPassing = check.state.isPassing
      told.output = check.output
      // Both clocks are read now; a clock that was set meanwhile shifts what is shown, not what is done.
      if let ran_ms = check.ran_ms {
        told.lastRunMs = Clocks.wall_ms - min(Clocks.wall_ms, Clocks.monotonic_ms - ran_ms)
      }
      return told
    }
  }
}

extension Weft_Agent_V1_EndpointsReply.Endpoint {
  init(_ key: ServiceKey, _ portName: String, _ endpoint: Endpoint, host: String, instance: String) {
    self.init()
    namespace = key.namespace
    name = key.name
    self.portName = portName
    address = endpoint.address.description
    isReady = endpoint.isReady
    self.host = host
    self.instance = instance
    identity = endpoint.identity.map { "\($0)" } ?? ""
    isMeshed = endpoint.isMeshed
  }
}

extension Service.Port {
  /// `sql:5432`, `80/http`, or `8080`.
  fileprivate var summary: String {
    (name.isEmpty ? "" : "\(name):") + "\(port)" + (appProtocol == .unspecified ? "" : "/\(appProtocol.rawValue)")
  }
}

extension HealthCheck.Kind {
  /// The word for it in service files.
  fileprivate var word: String {
    switch self {
    case .tcp: "tcp"
    case .http: "http"
    case .grpc: "grpc"
    case .script: "script"
    case .ttl: "ttl"
    }
  }
}
