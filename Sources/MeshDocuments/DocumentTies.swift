internal import MeshModel

/// Something that several documents can speak of.
enum Tie: Hashable, Sendable {
  /// Documents that give the service of this full name.
  case service(String)
  /// Those that give a service this address.
  case address(SocketAddress)
  /// Endpoints of that service.
  case slice(String)
  /// ServiceEntries that select workloads by this label, and perhaps more.
  case entry(WorkloadLabel)
  /// WorkloadEntries with this label.
  case workload(WorkloadLabel)
  /// Routes that name the service of this full name.
  case route(String)
  /// Traffic policies of this full name, whatever their kind.
  case traffic(String)
  /// Traffic policies for this service or route.
  case target(DocumentKey)
  /// Documents of a kind that select these workloads.
  case selection(DocumentKind, Selection)
}

extension ReadDocument {
  /// All that others can find it by.
  var ties: Set<Tie> {
    switch content {
    case .service(let content): return Set(Self.ties(content))
    case .serviceEntry(let entry):
      return Set(Self.ties(entry.service) + (entry.label(in: key.namespace).map { [.entry($0)] } ?? []))
    case .endpointSlice(let slice): return Set(slice.service.map { [.slice($0.fullName)] } ?? [])
    case .workloadEntry(let workload): return Set(workload.labels(in: key.namespace).map { .workload($0) })
    case .httpRoute(let route): return Set(route.references.map { .route($0.key.fullName) })
    case .backendTrafficPolicy(let traffic):
      return Set([.traffic(key.fullName)] + traffic.policy.targets.map { .target($0.named(in: key.namespace).key) })
    case .telemetry(let policy):
      return [.selection(kind, Selection(namespace: key.namespace, selector: policy.selector))]
    case .peerAuthentication(let policy):
      return [.selection(kind, Selection(namespace: key.namespace, selector: policy.selector))]
    case .sidecar(let policy): return [.selection(kind, Selection(namespace: key.namespace, selector: policy.selector))]
    case .networkPolicy, .authorizationPolicy, .requestAuthentication: return []
    }
  }

  static func ties(_ content: ServiceDocument) -> [Tie] {
    let service = content.service
    return [.service(content.fullName)]
      + service.addresses.flatMap { address in service.ports.map { .address(SocketAddress(address, port: $0.port)) } }
  }
}

extension WorkloadEntry {
  func labels(in namespace: String) -> [WorkloadLabel] {
    labels.map { WorkloadLabel(namespace: namespace, key: $0.key, value: $0.value) }
  }
}

/// The documents of a mesh by what they speak of, so that a change is held against those that have to do with it, not all.
struct DocumentTies: Sendable {
  /// Nearly always one, which then costs no table.
  private enum Tied {
    case one(ReadDocument)
    case several([ObjectIdentifier: ReadDocument])
  }

  private var tied: [Tie: Tied] = [:]

  /// Those that are found by a tie, in no order.
  subscript(tie: Tie) -> [ReadDocument] {
    switch tied[tie] {
    case nil: []
    case .one(let document): [document]
    case .several(let documents): Array(documents.values)
    }
  }

  mutating func insert(_ document: ReadDocument) {
    for tie in document.ties {
      // Taken out while it is changed, or the table would be copied.
      switch tied.updateValue(.one(document), forKey: tie) {
      case nil: break
      case .one(let other):
        tied[tie] = .several([ObjectIdentifier(other): other, ObjectIdentifier(document): document])
      case .several(var documents):
        documents[ObjectIdentifier(document)] = document
        tied[tie] = .several(documents)
      }
    }
  }

  /// Takes out what was put in.
  mutating func remove(_ document: ReadDocument) {
    for tie in document.ties {
      guard case .several(var documents) = tied.removeValue(forKey: tie) else { continue }
      documents[ObjectIdentifier(document)] = nil
      if let rest = documents.values.first { tied[tie] = documents.count == 1 ? .one(rest) : .several(documents) }
    }
  }
}
